#include <limits>
#include <memory>

#include <fmt/format.h>

#include "cli/area_flags.h"
#include "cli/chained_source.h"
#include "cli/commands.h"
#include "cli/file_filter.h"
#include "cli/number_flags.h"
#include "cli/output.h"
#include "cli/read_options.h"
#include "cli/source.h"
#include "cli/table.h"
#include "core/error.h"
#include "core/geometry/centroid.h"
#include "formats/cql2/json_parser.h"
#include "formats/cql2/text_parser.h"
#include "formats/csv_writer.h"
#include "formats/geojson_writer.h"
#include "formats/numbered_source.h"
#include "formats/text.h"
#include "formats/wkt.h"
#include "store/memory_collection.h"

namespace crowfly {
namespace {

struct SearchFlags {
    std::string source;
    std::optional<std::string> at;
    std::optional<std::string> near;
    std::string k = "10";
    std::string metric;  // empty: spheroid, or plane for planar coordinates
    std::string match{name(Match::geometry)};
    std::optional<std::string> max_distance;
    std::optional<std::string> category;
    std::optional<std::string> filter;
    std::optional<std::string> bbox;
    std::optional<std::string> area;
    std::string format = "table";
    bool exact_scan = false;
    std::string collection;
    ReadFlags read;
};

LonLat parse_position(const std::string& text) {
    const std::size_t comma = text.find(',');
    const auto lon = parse_double(text.substr(0, comma));
    const auto lat = comma == std::string::npos ? std::nullopt : parse_double(text.substr(comma + 1));
    if (!lon || !lat) {
        throw Error(Code::invalid_argument,
                    fmt::format("--at \"{}\": expected LON,LAT, two finite numbers", text));
    }
    return {*lon, *lat};
}

std::shared_ptr<const Geometry> parse_shape(const std::string& text) try {
    return std::make_shared<const Geometry>(parse_wkt(text));
} catch (const Error& error) {
    throw Error(Code::invalid_argument, fmt::format("--near: {}", error.what()));
}

/// From where to search: a point of its own, or a shape.
PlaceQuery parse_origin(const SearchFlags& flags) {
    if (flags.at.has_value() == flags.near.has_value()) {
        throw Error(Code::invalid_argument,
                    fmt::format("{} given; expected --at LON,LAT or --near WKT",
                                flags.at ? "--at and --near are both" : "neither --at nor --near is"));
    }
    if (flags.at) return {.point = parse_position(*flags.at)};
    return {.shape = parse_shape(*flags.near)};
}

/// CQL2 JSON is told by its brace, which begins nothing in CQL2 text.
cql2::Filter parse_filter(const std::string& text) try {
    const bool is_json = trimmed(text).starts_with('{');
    return std::make_shared<const cql2::Expression>(is_json ? cql2::parse_json(text)
                                                            : cql2::parse_text(text));
} catch (const Error& error) {
    throw Error(Code::invalid_argument, fmt::format("--filter: {}", error.what()));
}

void require_valid(const PlaceQuery& query, MetricKind metric) {
    if (query.shape == nullptr) return;
    if (const auto fault = geometry_fault(*query.shape, widest_crs(metric)))
        throw Error(Code::invalid_argument, fmt::format("--near: {}", fault->reason));
    if (query.match == Match::centroid) try {
            centroid(*query.shape, metric);
        } catch (const Error& error) {
            throw Error(error.code(), fmt::format("--near: {}", error.what()));
        }
}

MetricKind resolve_metric(const SearchFlags& flags, Crs crs) {
    if (const auto metric = metric_named(flags.metric)) return *metric;
    return crs == Crs::planar ? MetricKind::plane : MetricKind::spheroid;
}

struct OpenSource {
    std::unique_ptr<Collection> collection;
    MetricKind metric;
    cql2::Filter filter;  ///< what is still to be applied of the query's
    std::shared_ptr<const Area> area;
};

/// Puts in the places of which the filter is true, of which the collection need not know then.
void fill(Collection& collection, PlaceSource& places, const cql2::Expression* filter) {
    if (filter == nullptr) {
        collection.upsert(places);
        return;
    }
    std::vector<Place> kept;
    try {
        kept = filtered(places, *filter);
    } catch (const Error& error) {
        if (error.code() != Code::invalid_argument) throw;
        throw Error(error.code(), fmt::format("--filter: {}", error.what()));
    }
    PlaceList list(kept);
    collection.upsert(list);
}

/// Judges the query as soon as the metric is known, before any place is read.
OpenSource open_source(const SearchFlags& flags, const PlaceQuery& query) {
    const auto metrics = [&](MetricKind metric) {
        return flags.exact_scan ? std::vector<MetricKind>() : std::vector{metric};
    };
    if (!is_file(flags.source, flags.read.layer)) {
        flags.read.require_absent(flags.source);
        const EmbeddedStore store(flags.source, sqlite::Access::read_only);
        const Schema schema = pick_collection(store, flags.source, flags.collection);
        const MetricKind metric = resolve_metric(flags, schema.crs);
        require_valid(query, metric);
        auto area = parse_area(flags.bbox, flags.area, schema.crs);
        return {store.open_collection(schema.name, metrics(metric)), metric, query.filter, std::move(area)};
    }
    if (!flags.collection.empty()) {
        throw Error(Code::invalid_argument,
                    fmt::format("--collection: {} is a file, which has none", flags.source));
    }
    // A file does not say what its coordinates are; whoever asks for the plane means them as they stand.
    const Crs crs =
        flags.read.reference_system().value_or(flags.metric == "plane" ? Crs::planar : Crs::wgs84);
    const MetricKind metric = resolve_metric(flags, crs);
    require_metric_of(crs, metric);
    require_valid(query, metric);
    auto area = parse_area(flags.bbox, flags.area, crs);
    Rejects rejects(OnError::abort);
    ChainedSource rows({flags.source}, flags.read.place_format(), flags.read.options(crs), rejects,
                       "reading");
    NumberedSource places(rows);
    auto collection =
        std::make_unique<MemoryCollection>(Schema{.name = "places", .crs = crs}, metrics(metric));
    fill(*collection, places, query.filter.get());
    return {std::move(collection), metric, nullptr, std::move(area)};
}

std::string render(std::string_view format, std::span<const NeighborPlace> neighbors, MetricKind metric) {
    if (format == "table") return neighbor_table(neighbors, metric);
    std::string out;
    if (format == "csv") {
        write_csv(out, neighbors, metric);
        return out;
    }
    if (format == "ndjson") {
        for (const NeighborPlace& neighbor : neighbors) {
            JsonWriter json(out);
            write_feature(json, neighbor, metric, Decimals::all);
            out += '\n';
        }
        return out;
    }
    write_feature_collection(out, neighbors, metric, Decimals::all);
    return out += '\n';
}

void run_search(const SearchFlags& flags) {
    PlaceQuery query = parse_origin(flags);
    query.match = *match_named(flags.match);
    const std::size_t k = parse_k(flags.k);
    const double max_distance = flags.max_distance ? parse_distance(*flags.max_distance, "--max-distance")
                                                   : std::numeric_limits<double>::infinity();
    if (flags.filter) query.filter = parse_filter(*flags.filter);
    const auto [collection, metric, filter, area] = open_source(flags, query);
    query.metric = metric;
    query.filter = filter;
    query.area = area;
    query.category = flags.category;
    query.method = flags.exact_scan ? Method::scan : Method::index;
    print(render(flags.format, collection->nearest(query, k, max_distance), metric));
}

}  // namespace

void add_search_command(CLI::App& app) {
    auto flags = std::make_shared<SearchFlags>();
    CLI::App* command = app.add_subcommand("search", "Find the places nearest to a point or a shape");
    command->add_option("SOURCE", flags->source, "A store, or a file as `crowfly import` takes it")
        ->required();
    command->add_option("--at", flags->at, "The point, as LON,LAT in degrees (planar: X,Y)");
    command->add_option("--near", flags->near, "In place of --at: any geometry, as WKT");
    command->add_option("-k", flags->k, "At most so many places")->capture_default_str();
    command
        ->add_option("--metric", flags->metric,
                     "spheroid (WGS84 geodesic), sphere (great circle) or plane (Euclidean, in the "
                     "coordinates' unit); "
                     "default spheroid, for planar coordinates plane")
        ->check(CLI::IsMember({"spheroid", "sphere", "plane"}));
    command
        ->add_option("--match", flags->match,
                     "Measure between the geometries, or between the centroids of both sides")
        ->check(CLI::IsMember({"geometry", "centroid"}))
        ->capture_default_str();
    command->add_option("--max-distance", flags->max_distance,
                        "Only places up to this far, inclusive, in metres (plane: the unit)");
    command->add_option("--category", flags->category, "Only places of exactly this category");
    command->add_option(
        "--filter", flags->filter,
        "Only places of which it is true: CQL2, as text or JSON, on id, name, category and the "
        "collection's attributes; of a file, on all properties");
    command->add_option(
        "--bbox", flags->bbox,
        "Only places in the box WEST,SOUTH,EAST,NORTH; it crosses the antimeridian when east is "
        "less than west");
    command->add_option("--area", flags->area, "Only places in the POLYGON or MULTIPOLYGON, as WKT");
    command->add_option("--format", flags->format, "Format of the answer: table, geojson, csv or ndjson")
        ->check(CLI::IsMember({"table", "geojson", "csv", "ndjson"}))
        ->capture_default_str();
    command->add_flag("--exact-scan", flags->exact_scan,
                      "Measure every place instead of using the index: slow, same answer");
    command->add_option("--collection", flags->collection, "Collection in the store, when it has several");
    flags->read.add_to(*command);
    command->footer(
        "Places come nearest first; equal distances go by id. The distance is that to the place itself: to "
        "a\n"
        "line or polygon at its nearest point, and 0 inside; by --match centroid that between centroids, "
        "which\n"
        "then are the nearest points. table rounds distances to millimetres; the other formats keep every "
        "bit.\n"
        "When one of the places is no point, table has the nearest points, and csv those and the geometries, "
        "as\n"
        "WKT.\n\n"
        "Examples:\n"
        "  crowfly search demo.gpkg --at -118.291995,36.578581\n"
        "  crowfly search cities.tsv.gz --at 139.7,35.7 -k 5 --category PPLA --format geojson\n"
        "  crowfly search demo.gpkg --at 139.7,35.7 --filter \"population > 1000000 AND name LIKE 'K%'\"\n"
        "  crowfly search demo.gpkg --at 179.9,-17 --bbox 175,-20,-175,-15\n"
        "  crowfly search lakes.geojson --near \"LINESTRING (8.5 47.4, 8.9 46.2)\" -k 3\n"
        "  crowfly search postcodes.csv --at 530000,180000 --metric plane --max-distance 500 --format csv");
    command->callback([flags] { run_search(*flags); });
}

}  // namespace crowfly
