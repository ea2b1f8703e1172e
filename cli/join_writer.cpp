#include "cli/join_writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "cli/join_layer.h"
#include "cli/output_file.h"
#include "core/error.h"
#include "formats/json_writer.h"
#include "formats/text.h"

namespace crowfly {
namespace {

constexpr std::array<std::pair<std::string_view, JoinFormat>, 5> kNames{{
    {"csv", JoinFormat::csv},
    {"ndjson", JoinFormat::ndjson},
    {"geojson", JoinFormat::geojson},
    {"json", JoinFormat::geojson},
    {"gpkg", JoinFormat::gpkg},
}};

class TextWriter final : public JoinWriter {
  public:
    TextWriter(const std::string& path, JoinFormat format) : format_(format), file_(path) {}

    void begin(const JoinAnswer& answer, Executor& executor) override {
        answer_ = &answer;
        executor_ = &executor;
        if (format_ == JoinFormat::geojson) file_.write("{\"type\":\"FeatureCollection\",\"features\":[");
        if (format_ == JoinFormat::csv) {
            std::string header;
            write_join_header(header, answer.metric(), answer.by_category());
            file_.write(header);
        }
    }

    /// Pieces of the rows are rendered side by side, then written one after the other.
    void write(std::span<const JoinRow> rows) override {
        constexpr std::size_t kPiece = 4096;
        const std::size_t at_a_time = kPiece * executor_->width() * 4;
        for (; !rows.empty(); rows = rows.subspan(std::min(at_a_time, rows.size()))) {
            const auto now = rows.first(std::min(at_a_time, rows.size()));
            const std::size_t pieces = (now.size() + kPiece - 1) / kPiece;
            pieces_.resize(std::max(pieces, pieces_.size()));
            executor_->run(pieces, [&](std::size_t piece) {
                pieces_[piece].clear();
                render(now.subspan(piece * kPiece, std::min(kPiece, now.size() - piece * kPiece)),
                       pieces_[piece]);
            });
            for (std::size_t piece = 0; piece < pieces; ++piece) put(pieces_[piece]);
        }
    }

    void commit() override {
        if (format_ == JoinFormat::geojson) file_.write("\n]}\n");
        file_.commit();
    }

  private:
    void render(std::span<const JoinRow> rows, std::string& out) const {
        for (const JoinRow& row : rows) {
            if (format_ == JoinFormat::csv) {
                write_join_row(out, answer_->text(row));
                continue;
            }
            if (format_ == JoinFormat::geojson) out += ",\n";
            JsonWriter json(out);
            write_join_feature(json, answer_->text(row),
                               row.rank > 0 ? std::optional(answer_->line(row)) : std::nullopt);
            if (format_ == JoinFormat::ndjson) out += '\n';
        }
    }

    void put(std::string_view text) {
        // Each feature of a collection comes with the comma before it, which the first one has no use for.
        if (format_ == JoinFormat::geojson && std::exchange(is_first_, false)) text.remove_prefix(1);
        file_.write(text);
    }

    JoinFormat format_;
    OutputFile file_;
    const JoinAnswer* answer_ = nullptr;
    Executor* executor_ = nullptr;
    std::vector<std::string> pieces_;
    bool is_first_ = true;
};

}  // namespace

std::optional<JoinFormat> join_format_named(std::string_view name) noexcept {
    for (const auto& [known, format] : kNames) {
        if (known == name) return format;
    }
    return std::nullopt;
}

JoinFormat join_format(const std::string& name, const std::string& path) {
    const std::string lower = lower_case(path);
    const std::size_t dot = lower.rfind('.');
    std::optional<JoinFormat> format;
    if (!name.empty()) {
        format = join_format_named(name);
    } else if (path == "-") {
        format = JoinFormat::csv;
    } else if (dot != std::string::npos) {
        format = join_format_named(std::string_view(lower).substr(dot + 1));
    }
    if (!format) {
        throw Error(
            Code::invalid_argument,
            fmt::format("-o \"{}\": the format cannot be told from the name; expected one that ends in "
                        ".csv, .ndjson, .geojson or .gpkg, or --format",
                        path));
    }
    if (*format == JoinFormat::gpkg && path == "-") {
        throw Error(Code::invalid_argument,
                    "-o -: a GeoPackage cannot go to standard output; expected the name of a file");
    }
    return *format;
}

std::unique_ptr<JoinWriter> open_join_writer(const std::string& path, JoinFormat format) {
    if (format == JoinFormat::gpkg) return open_join_layer(path);
    return std::make_unique<TextWriter>(path, format);
}

}  // namespace crowfly
