#include "service/search_request.h"

#include <cmath>

#include <fmt/format.h>
#include <simdjson.h>

#include "core/domain.h"
#include "core/error.h"
#include "service/request_judge.h"
#include "service/web_mercator.h"

namespace crowfly {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

/// From the reference system of a request to WGS84; null where it is that.
using Project = LonLat (*)(LonLat);

/// Throws UnknownCrs: nothing can be said of coordinates that mean nothing.
Project projection_of(object request) {
    element value;
    if (request["crs"].get(value) != simdjson::SUCCESS) return nullptr;
    std::string_view name;
    if (value.get(name) == simdjson::SUCCESS) {
        if (name == "EPSG:4326") return nullptr;
        if (name == "EPSG:3857") return from_web_mercator;
    }
    throw UnknownCrs(
        {{.pointer = "/crs", .detail = what_is(value) + "; expected \"EPSG:4326\" or \"EPSG:3857\""}},
        Code::malformed);
}

void judge_position(RequestJudge& judge, element value, Project project, LonLat& target) {
    constexpr std::string_view kPointer = "/point/coordinates";
    simdjson::dom::array numbers;
    if (value.get(numbers) != simdjson::SUCCESS || numbers.size() < 2 || numbers.size() > 3) {
        const bool is_array = value.is_array();
        judge.fault(std::string(kPointer),
                    fmt::format("{}; expected {}",
                                is_array ? fmt::format("has {} elements", numbers.size()) : what_is(value),
                                project == nullptr ? "[longitude, latitude]" : "[x, y]"));
        return;
    }
    double coordinates[3]{};
    std::size_t index = 0;
    for (const element number : numbers) {
        if (number.get(coordinates[index]) != simdjson::SUCCESS) {
            judge.fault(fmt::format("{}/{}", kPointer, index), what_is(number) + "; expected a number");
            return;
        }
        ++index;
    }
    target = {coordinates[0], coordinates[1]};
    if (project != nullptr) target = project(target);
    if (const auto wrong = coordinate_fault(target, Crs::wgs84)) {
        judge.fault(fmt::format("{}/{}", kPointer, wrong->axis == Axis::lon ? 0 : 1),
                    "is refused: " + wrong->message);
    }
}

void judge_point(RequestJudge& judge, object request, Project project, LonLat& target) {
    const auto value = judge.required(request, "", "point");
    if (!value) return;
    object point;
    if (value->get(point) != simdjson::SUCCESS) {
        judge.fault("/point", what_is(*value) + "; expected a GeoJSON Point");
        return;
    }
    judge.members(point, "/point", {"type", "coordinates"});
    if (const auto type = judge.required(point, "/point", "type")) {
        std::string_view name;
        if (type->get(name) != simdjson::SUCCESS || name != "Point")
            judge.fault("/point/type", what_is(*type) + "; expected \"Point\"");
    }
    if (const auto coordinates = judge.required(point, "/point", "coordinates"))
        judge_position(judge, *coordinates, project, target);
}

void judge_how_far(RequestJudge& judge, object members, SearchRequest& request) {
    if (judge.required(members, "", "k"))
        request.k = judge.whole(members, "k", 1, SearchRequest::kMostNeighbors).value_or(1);
    const std::string expected = fmt::format("a number above 0 and up to {}", SearchRequest::kWidestRadius);
    const double above_zero = std::numeric_limits<double>::denorm_min();
    if (const auto radius =
            judge.number(members, "max_radius_meters", above_zero, SearchRequest::kWidestRadius, expected))
        request.max_distance = *radius;
}

void judge_which(RequestJudge& judge, object members, Project project, SearchRequest& request) {
    request.category = judge.text(members, "category_filter");
    request.collection = judge.text(members, "collection");
    if (judge.one_of(members, "match", {"geometry", "centroid"}) == "centroid")
        request.match = Match::centroid;
    if (const auto metric = judge.one_of(members, "metric", {"spheroid", "sphere", "plane"}))
        request.metric = *metric_named(*metric);
    if (judge.one_of(members, "method", {"index", "scan"}) == "scan") request.method = Method::scan;
    request.filter = judge.filter(members);
    request.area = judge.area(members, Crs::wgs84, project);
    request.by_category = judge.one_of(members, "partition_by", {"category"}).has_value();
    request.fields = judge.texts(members, "fields");
    request.explain = judge.flag(members, "explain").value_or(false);
}

}  // namespace

SearchRequest parse_search_request(std::string_view body) {
    thread_local simdjson::dom::parser parser;
    element document;
    if (const auto error = parser.parse(body.data(), body.size()).get(document)) {
        throw Error(Code::malformed, fmt::format("the body is not JSON: {}", simdjson::error_message(error)));
    }
    RequestJudge judge;
    SearchRequest request;
    object members;
    if (document.get(members) != simdjson::SUCCESS) {
        judge.fault("", what_is(document) + "; expected an object");
    } else {
        const Project project = projection_of(members);
        judge.members(
            members, "",
            {"point", "k", "max_radius_meters", "category_filter", "collection", "match", "metric", "method",
             "filter", "filter-lang", "bbox", "area", "partition_by", "fields", "explain", "crs"});
        judge_point(judge, members, project, request.point);
        judge_how_far(judge, members, request);
        judge_which(judge, members, project, request);
    }
    judge.finish();
    return request;
}

bool may_be_slow(std::string_view body) noexcept {
    for (const std::string_view word : {"\"filter\"", "\"area\"", "\"scan\"", "\"partition_by\"", "\\"}) {
        if (body.find(word) != std::string_view::npos) return true;
    }
    return false;
}

}  // namespace crowfly
