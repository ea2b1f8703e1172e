#include "cli/cluster_source.h"

#include <unordered_set>

#include <fmt/format.h>

#include "cli/chained_source.h"
#include "cli/source.h"
#include "core/error.h"
#include "core/geometry/centroid.h"
#include "formats/numbered_source.h"
#include "store/place_search.h"

namespace crowfly {
namespace {

MetricKind resolve_metric(const std::string& name, Crs crs) {
    const MetricKind metric =
        metric_named(name).value_or(crs == Crs::planar ? MetricKind::plane : MetricKind::spheroid);
    require_metric_of(crs, metric);
    return metric;
}

LonLat position_of(const Place& place, const ClusterSource& source, MetricKind metric) {
    if (place.shape == nullptr) return place.position;
    if (!source.by_centroid) {
        throw Error(
            Code::unsupported,
            fmt::format("place \"{}\" is a {}, and only points can be clustered; --match centroid takes "
                        "the centroids of other places",
                        place.id, geojson_name(place.shape->type())));
    }
    try {
        return centroid(*place.shape, metric);
    } catch (const Error& error) {
        throw Error(error.code(), fmt::format("place \"{}\": {}", place.id, error.what()));
    }
}

void add(ClusterPlaces& found, const Place& place, const ClusterSource& source) {
    found.positions.push_back(position_of(place, source, found.metric));
    if (source.keep_properties) {
        found.places.push_back(place);
    } else {
        found.places.push_back({.id = place.id});
    }
}

ClusterPlaces read_store(const ClusterSource& source) {
    source.read.require_absent(source.path);
    const EmbeddedStore store(source.path, sqlite::Access::read_only);
    const Schema schema = pick_collection(store, source.path, source.collection);
    ClusterPlaces found{{}, {}, resolve_metric(source.metric, schema.crs), schema.crs};
    store.open_collection(schema.name, {})->scan([&](const Place& place) { add(found, place, source); });
    return found;
}

ClusterPlaces read_file(const ClusterSource& source) {
    if (!source.collection.empty()) {
        throw Error(Code::invalid_argument,
                    fmt::format("--collection: {} is a file, which has none", source.path));
    }
    // A file does not say what its coordinates are; whoever asks for the plane means them as they stand.
    const Crs crs =
        source.read.reference_system().value_or(source.metric == "plane" ? Crs::planar : Crs::wgs84);
    ClusterPlaces found{{}, {}, resolve_metric(source.metric, crs), crs};
    Rejects rejects(OnError::abort);
    ChainedSource rows({source.path}, source.read.place_format(), source.read.options(crs), rejects,
                       "reading");
    NumberedSource places(rows);
    std::unordered_set<std::string> ids;
    take_places(places, Schema{.name = "places", .crs = crs}, [&](const Place& place) {
        if (!ids.insert(place.id).second) return false;
        add(found, place, source);
        return true;
    });
    return found;
}

}  // namespace

ClusterPlaces read_places(const ClusterSource& source) {
    return is_file(source.path, source.read.layer) ? read_file(source) : read_store(source);
}

}  // namespace crowfly
