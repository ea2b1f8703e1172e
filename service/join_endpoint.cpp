#include "service/join_endpoint.h"

#include <array>
#include <limits>
#include <memory>
#include <utility>

#include "core/error.h"
#include "service/body_stream.h"
#include "service/collection_join.h"
#include "service/restrictions.h"
#include "service/row_format.h"
#include "store/place_search.h"

namespace crowfly {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr std::size_t kMostBytes = std::size_t{64} << 20U;

constexpr std::array kOffered{RowFormat::ndjson, RowFormat::csv, RowFormat::geojson};

/// Once so much text is there, it is written.
constexpr std::size_t kPiece = std::size_t{64} << 10U;

std::vector<std::string_view> known_parameters() {
    std::vector<std::string_view> names{"k",    "max_distance", "metric", "match",
                                        "ties", "epsilon",      "kind",   "f"};
    names.insert(names.end(), std::begin(Restrictions::kNames), std::end(Restrictions::kNames));
    return names;
}

MetricKind metric_of(QueryParameters& parameters, Crs crs) {
    const auto given = parameters.one_of("metric", {"plane", "sphere", "spheroid"});
    if (!given) return crs == Crs::wgs84 ? MetricKind::spheroid : MetricKind::plane;
    const MetricKind metric = metric_named(*given).value_or(MetricKind::spheroid);
    try {
        require_metric_of(crs, metric);
    } catch (const Error& error) {
        parameters.fault("metric", error.what());
    }
    return metric;
}

CollectionJoinOptions options_of(QueryParameters& parameters, const Schema& schema,
                                 std::size_t most_neighbors) {
    CollectionJoinOptions options;
    options.join.metric = metric_of(parameters, schema.crs);
    options.join.k = parameters.whole("k", 1, most_neighbors).value_or(1);
    if (const auto distance = parameters.number("max_distance", 0, kInf))
        options.join.max_distance = *distance;
    if (parameters.one_of("match", {"geometry", "centroid"}) == "centroid")
        options.join.match = Match::centroid;
    if (parameters.one_of("ties", {"none", "include"}) == "include") options.join.ties = Ties::include;
    if (parameters.one_of("kind", {"inner", "left"}) == "left") options.join.kind = JoinKind::left;
    options.join.epsilon = parameters.number("epsilon", 0, kInf).value_or(0);
    Restrictions restrictions = Restrictions::of(parameters, schema, false);
    if (restrictions.box) options.area = std::make_shared<const Area>(std::move(*restrictions.box));
    options.filter = std::move(restrictions.filter);
    return options;
}

/// Renders rows and writes them. What it throws when nobody takes any more ends the join.
class RowStream {
  public:
    RowStream(const CollectionJoin& join, RowFormat format, BodyStream& stream)
        : join_(join), format_(format), stream_(stream) {}

    void begin(MetricKind metric) {
        if (format_ == RowFormat::csv) write_join_header(text_, metric, false);
        if (format_ == RowFormat::geojson) text_ += R"({"type":"FeatureCollection","features":[)";
    }

    void write(std::span<const JoinRow> rows) {
        for (const JoinRow& row : rows) {
            render(row);
            if (text_.size() >= kPiece) flush();
        }
        flush();
    }

    void end() {
        if (format_ == RowFormat::geojson) text_ += "\n]}\n";
        flush();
    }

  private:
    void render(const JoinRow& row) {
        const JoinText text = join_.text(row);
        if (format_ == RowFormat::csv) return write_join_row(text_, text);
        if (format_ == RowFormat::geojson) {
            text_ += std::exchange(is_first_, false) ? "\n" : ",\n";
            JsonWriter json(text_);
            write_join_feature(json, text, row.rank > 0 ? std::optional(join_.line(row)) : std::nullopt);
            return;
        }
        JsonWriter json(text_);
        write_join_object(json, text);
        text_ += '\n';
    }

    void flush() {
        if (!text_.empty() && !stream_.write(text_)) throw Error(Code::cancelled, "the client has left");
        text_.clear();
    }

    const CollectionJoin& join_;
    RowFormat format_;
    BodyStream& stream_;
    std::string text_;
    bool is_first_ = true;
};

HttpResponse answer_join(const Catalog& catalog, const ApiLimits& limits,
                         const std::shared_ptr<Executor>& executor, const Call& call) {
    const auto collection = catalog.require(call.values[0]);
    const Schema& schema = collection->schema();
    QueryParameters parameters(call.request.query, known_parameters());
    CollectionJoinOptions options = options_of(parameters, schema, limits.most_neighbors);
    const auto format = wanted_format(parameters, call.request, kOffered);
    parameters.finish();
    if (!format) return not_acceptable(kOffered);
    const std::string_view content = call.request.header("Content-Type");
    const auto places = format_of_content(content);
    if (!places) return unsupported_content(content);
    call.notes->k = options.join.k;
    QuerySide queries = read_query_side(call.request.body, *places, schema.crs,
                                        {limits.most_join_rows, kMostBytes}, call.control);
    const MetricKind metric = options.join.metric;
    const auto join =
        std::make_shared<const CollectionJoin>(std::move(queries), collection, std::move(options));
    join->require_centroids(call.control);
    return {.content_type = media_type_of(*format),
            .produce = [join, executor, metric, format = *format](BodyStream& stream) {
                RowStream rows(*join, format, stream);
                rows.begin(metric);
                join->run(*executor, {.stop = stream.stop_token()},
                          [&](std::span<const JoinRow> batch) { rows.write(batch); });
                rows.end();
            }};
}

}  // namespace

void add_join_endpoint(ApiRouter& router, const Catalog& catalog, const ApiLimits& limits) {
    const std::shared_ptr<Executor> executor = std::make_shared<ThreadExecutor>(limits.bulk_threads);
    router.add("POST", "/collections/{c}/join",
               {.answer = [&catalog, &limits, executor](
                              const Call& call) { return answer_join(catalog, limits, executor, call); },
                .lane = [](const HttpRequest&) { return Lane::bulk; },
                .most_body_bytes = kMostBytes,
                .is_timed = false});
}

}  // namespace crowfly
