#include "service/search_parameters.h"

#include <limits>

#include <fmt/format.h>
#include <simdjson.h>

#include "core/error.h"
#include "formats/geojson_geometry.h"
#include "service/restrictions.h"
#include "store/neighbor_token.h"

namespace crowfly {
namespace {

/// The names, and those that all these searches take.
std::vector<std::string_view> with_search_parameters(std::vector<std::string_view> names,
                                                     std::string_view method) {
    for (const std::string_view name : {"category", "metric", "match"}) names.push_back(name);
    if (method != "POST") names.insert(names.end(), {"lon", "lat"});
    names.insert(names.end(), std::begin(Restrictions::kNames), std::end(Restrictions::kNames));
    return names;
}

/// Of a GeoJSON geometry or Feature.
std::shared_ptr<const Geometry> geometry_of(std::string_view body) {
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    if (const auto error = parser.parse(simdjson::padded_string(body)).get(document))
        throw Error(Code::malformed, fmt::format("the body is not JSON: {}", error_message(error)));
    std::string pointer;
    std::string_view type;
    if (document["type"].get(type) == simdjson::SUCCESS && type == "Feature") {
        pointer = "/geometry";
        if (document["geometry"].get(document) != simdjson::SUCCESS)
            throw InvalidRequest({{.pointer = pointer, .detail = "is required"}});
    }
    try {
        return std::make_shared<const Geometry>(read_geojson_geometry(document));
    } catch (const GeoJsonFault& fault) {
        throw InvalidRequest(
            {{.pointer = pointer,
              .detail = fault.member().empty() ? fault.reason() : fault.member() + ": " + fault.reason()}});
    }
}

}  // namespace

SearchParameters::SearchParameters(const Call& call, const Collection& collection,
                                   std::vector<std::string_view> known)
    : parameters_(call.request.query, with_search_parameters(std::move(known), call.request.method)),
      is_wgs84_(collection.schema().crs == Crs::wgs84) {
    query_.metric = metric();
    query_.category = parameters_.text("category");
    if (const auto match = parameters_.one_of("match", {"geometry", "centroid"}))
        query_.match = *match_named(*match);
    if (parameters_.one_of("method", {"index", "scan"}) == "scan") query_.method = Method::scan;
    if (call.request.method == "POST") {
        query_.shape = geometry_of(call.request.body);
    } else {
        query_.point = position();
    }
    Restrictions restrictions = Restrictions::of(parameters_, collection.schema(), false);
    if (restrictions.box) query_.area = std::make_shared<const Area>(std::move(*restrictions.box));
    query_.filter = std::move(restrictions.filter);
    query_.control = call.control;
    query_.report = &report_;
    explains_ = parameters_.flag("explain");
}

void SearchParameters::read_after() {
    const auto token = parameters_.text("after");
    if (!token) return;
    try {
        query_.after = neighbor_key(*token);
    } catch (const Error&) {
        parameters_.fault("after", "is not what a link to a next page has");
    }
}

const PlaceQuery& SearchParameters::query() {
    parameters_.finish();
    return query_;
}

MetricKind SearchParameters::metric() {
    const MetricKind usual = is_wgs84_ ? MetricKind::spheroid : MetricKind::plane;
    const auto given = parameters_.one_of("metric", {"plane", "sphere", "spheroid"});
    return given ? *metric_named(*given) : usual;
}

LonLat SearchParameters::position() {
    const double most_lon = is_wgs84_ ? 180 : std::numeric_limits<double>::max();
    const double most_lat = is_wgs84_ ? 90 : std::numeric_limits<double>::max();
    return {parameters_.required_number("lon", -most_lon, most_lon),
            parameters_.required_number("lat", -most_lat, most_lat)};
}

}  // namespace crowfly
