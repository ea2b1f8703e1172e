#include "cli/join_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "cli/join_layer.h"
#include "cli/output_file.h"
#include "core/error.h"
#include "formats/csv_writer.h"
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

template <class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> digits;
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void append_csv_row(std::string& out, const JoinAnswer& answer, const JoinRow& row) {
    write_csv_field(out, answer.query_id(row));
    if (row.rank == 0) {
        out += answer.by_category() ? ",,,,\n" : ",,,\n";
        return;
    }
    out += ',';
    append_number(out, row.rank);
    out += ',';
    write_csv_field(out, answer.object_id(row));
    out += ',';
    if (answer.by_category()) {
        write_csv_field(out, answer.category(row));
        out += ',';
    }
    append_number(out, row.distance);
    out += '\n';
}

void write_positions(JsonWriter& json, const JoinLine& line) {
    json.begin_array();
    for (const LonLat end : {line.first, line.second})
        json.begin_array().number(end.lon).number(end.lat).end_array();
    json.end_array();
}

void write_line(JsonWriter& json, const JoinAnswer& answer, const JoinLine& line) {
    const auto [first, second] = answer.metric() == MetricKind::plane
                                     ? std::pair{line, std::optional<JoinLine>()}
                                     : cut_at_antimeridian(line);
    json.begin_object().key("type").string(second ? "MultiLineString" : "LineString").key("coordinates");
    if (second) json.begin_array();
    write_positions(json, first);
    if (second) {
        write_positions(json, *second);
        json.end_array();
    }
    json.end_object();
}

void append_feature(std::string& out, const JoinAnswer& answer, const JoinRow& row) {
    JsonWriter json(out);
    const bool is_pair = row.rank > 0;
    json.begin_object().key("type").string("Feature").key("geometry");
    if (is_pair) {
        write_line(json, answer, answer.line(row));
    } else {
        json.null();
    }
    json.key("properties").begin_object().key("query_id").string(answer.query_id(row));
    json.key("rank");
    is_pair ? json.number(row.rank) : json.null();
    json.key("object_id");
    is_pair ? json.string(answer.object_id(row)) : json.null();
    if (answer.by_category()) {
        json.key("category");
        is_pair ? json.string_or_null(answer.category(row)) : json.null();
    }
    json.key(answer.distance_name()).number(row.distance);
    json.end_object().end_object();
}

class TextWriter final : public JoinWriter {
  public:
    TextWriter(const std::string& path, JoinFormat format) : format_(format), file_(path) {}

    void begin(const JoinAnswer& answer, Executor& executor) override {
        answer_ = &answer;
        executor_ = &executor;
        if (format_ == JoinFormat::geojson) file_.write("{\"type\":\"FeatureCollection\",\"features\":[");
        if (format_ == JoinFormat::csv) {
            file_.write(fmt::format("query_id,rank,object_id,{}{}\n", answer.by_category() ? "category," : "",
                                    answer.distance_name()));
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
                append_csv_row(out, *answer_, row);
                continue;
            }
            if (format_ == JoinFormat::geojson) out += ",\n";
            append_feature(out, *answer_, row);
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
