#include "service/cluster_task.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "core/error.h"
#include "core/geometry/centroid.h"
#include "core/place_id.h"
#include "formats/cluster_writer.h"
#include "service/body_stream.h"
#include "service/problem.h"

namespace crowfly {
namespace {

/// Once so much text is there, it is written.
constexpr std::size_t kPiece = std::size_t{64} << 10U;

class Pieces {
  public:
    explicit Pieces(BodyStream& stream) : stream_(stream) {}

    std::string& text() { return text_; }

    /// After each row.
    void flush_some() {
        if (text_.size() >= kPiece) flush();
    }
    void flush() {
        if (!text_.empty() && !stream_.write(text_)) throw Error(Code::cancelled, "the client has left");
        text_.clear();
    }

  private:
    BodyStream& stream_;
    std::string text_;
};

void write_labels(const FoundClusters& found, RowFormat format, Pieces& out) {
    if (format == RowFormat::csv) write_cluster_header(out.text());
    std::size_t begin = 0;
    for (std::size_t i = 0; i < found.labels.size(); ++i) {
        const std::string_view id = std::string_view(found.ids).substr(begin, found.id_ends[i] - begin);
        begin = found.id_ends[i];
        if (format == RowFormat::csv) {
            write_cluster_row(out.text(), id, found.labels[i]);
        } else {
            JsonWriter json(out.text());
            json.begin_object().key("id").string(id).key("cluster").number(found.labels[i]).end_object();
            out.text() += '\n';
        }
        out.flush_some();
    }
}

void write_summaries(const FoundClusters& found, Pieces& out) {
    out.text() +=
        fmt::format(R"({{"type":"FeatureCollection","places":{},"noise":{},"numberReturned":{},"features":[)",
                    found.places, found.noise, found.summaries.size());
    for (std::size_t cluster = 0; cluster < found.summaries.size(); ++cluster) {
        out.text() += cluster == 0 ? "\n" : ",\n";
        JsonWriter json(out.text());
        write_summary_feature(json, cluster, found.summaries[cluster], found.hull);
        out.flush_some();
    }
    out.text() += "\n]}\n";
}

}  // namespace

ClusterTask::ClusterTask(std::shared_ptr<const Collection> collection, ClusterRequest request)
    : collection_(std::move(collection)), request_(std::move(request)) {}

std::size_t ClusterTask::gather(const Control& control) {
    snapshot_ = collection_->snapshot();
    if (request_.filter == nullptr) {
        take({}, control);
    } else {
        snapshot_->with_filter(*request_.filter, [&](const RowFilter& filter) { take(filter, control); });
    }
    return rows_.size();
}

void ClusterTask::take(const RowFilter& filter, const Control& control) {
    constexpr std::uint64_t kRowsBetweenChecks = 256;
    std::uint64_t looked_at = 0;
    const auto look_at = [&](std::uint32_t row, LonLat position, const Geometry* shape) {
        if (++looked_at % kRowsBetweenChecks == 0) control.check();
        if (!filter || filter(row)) add(row, position, shape);
    };
    const LiveSnapshot& rows = snapshot_->rows();
    if (const Area* area = request_.area.get()) {
        visit_rows_in(*area, rows, [&](std::uint32_t row, LonLat position, const Geometry* shape) {
            if (shape == nullptr || area->contains(position)) look_at(row, position, shape);
        });
    } else {
        rows.for_each([&](const LiveRow& row) { look_at(row.row, row.position, row.shape.get()); });
    }
    std::vector<std::uint32_t> order(rows_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return rows_[a] < rows_[b]; });
    std::vector<LonLat> positions;
    positions.reserve(order.size());
    for (const std::uint32_t i : order) positions.push_back(positions_[i]);
    positions_ = std::move(positions);
    std::sort(rows_.begin(), rows_.end());
}

void ClusterTask::add(std::uint32_t row, LonLat position, const Geometry* shape) {
    const auto refuse = [&](std::string_view reason) {
        throw InvalidRequest(
            {{.pointer = "/match",
              .detail = fmt::format("is refused: place \"{}\": {}", snapshot_->id(row), reason)}});
    };
    if (shape != nullptr && request_.match == Match::geometry) {
        refuse(fmt::format(
            R"(is a {}, and only points can be clustered; expected "centroid", which stands for others)",
            geojson_name(shape->type())));
    }
    try {
        positions_.push_back(shape != nullptr ? centroid(*shape, request_.metric) : position);
    } catch (const Error& error) {
        refuse(error.what());
    }
    rows_.push_back(row);
}

std::shared_ptr<const FoundClusters> ClusterTask::run(Executor& executor, const Control& control,
                                                      const WorkProgress& progress) const {
    const auto before = [this](std::uint32_t a, std::uint32_t b) {
        return compare_ids(snapshot_->id(rows_[a]), snapshot_->id(rows_[b])) < 0;
    };
    Clustering clustering = dbscan(positions_, request_.metric,
                                   {.eps = request_.eps,
                                    .min_points = request_.min_points,
                                    .order = before,
                                    .control = control,
                                    .executor = &executor,
                                    .progress = progress});
    const auto& labels = clustering.labels;
    FoundClusters found{.places = rows_.size(),
                        .noise = static_cast<std::size_t>(std::count(labels.begin(), labels.end(), kNoise)),
                        .clusters = clustering.clusters,
                        .has_labels = request_.labels,
                        .hull = request_.hull.kind};
    if (!request_.labels) {
        found.summaries = summarize(positions_, request_.metric, clustering,
                                    {.hull = request_.hull, .control = control, .executor = &executor});
        return std::make_shared<const FoundClusters>(std::move(found));
    }
    for (const std::uint32_t row : rows_) {
        found.ids += snapshot_->id(row);
        found.id_ends.push_back(found.ids.size());
    }
    found.labels = std::move(clustering.labels);
    return std::make_shared<const FoundClusters>(std::move(found));
}

HttpResponse reply_of(std::shared_ptr<const FoundClusters> found, RowFormat format) {
    return {.content_type = media_type_of(format),
            .produce = [found = std::move(found), format](BodyStream& stream) {
                Pieces out(stream);
                if (found->has_labels) {
                    write_labels(*found, format, out);
                } else {
                    write_summaries(*found, out);
                }
                out.flush();
            }};
}

}  // namespace crowfly
