#include "service/cluster_request.h"

#include <limits>

#include <fmt/format.h>
#include <simdjson.h>

#include "core/error.h"
#include "service/request_judge.h"
#include "store/place_search.h"

namespace crowfly {
namespace {

using simdjson::dom::object;

void judge_density(RequestJudge& judge, object members, ClusterRequest& request) {
    if (judge.required(members, "", "eps_meters")) {
        request.eps = judge
                          .number(members, "eps_meters", 0, std::numeric_limits<double>::max(),
                                  "a finite number of 0 or more")
                          .value_or(0);
    }
    request.min_points =
        judge.whole(members, "min_points", 1, std::numeric_limits<std::uint32_t>::max()).value_or(5);
}

void judge_metric(RequestJudge& judge, object members, Crs crs, ClusterRequest& request) {
    request.metric = crs == Crs::wgs84 ? MetricKind::spheroid : MetricKind::plane;
    const auto metric = judge.one_of(members, "metric", {"spheroid", "sphere", "plane"});
    if (!metric) return;
    request.metric = *metric_named(*metric);
    try {
        require_metric_of(crs, request.metric);
    } catch (const Error& error) {
        judge.fault("/metric", error.what());
    }
}

void judge_result(RequestJudge& judge, object members, ClusterRequest& request) {
    request.labels = judge.one_of(members, "result", {"summary", "labels"}) == "labels";
    const auto hull = judge.one_of(members, "hull", {"convex", "concave", "none"});
    if (hull && request.labels) judge.fault("/hull", R"(is of the clusters; expected "result": "summary")");
    if (hull == "concave") request.hull.kind = HullKind::concave;
    if (hull == "none") request.hull.kind = HullKind::none;
    const auto ratio = judge.number(members, "ratio", 0, 1, "a number from 0 to 1");
    if (ratio && request.hull.kind != HullKind::concave)
        judge.fault("/ratio", R"(is of a concave hull; expected "hull": "concave")");
    if (ratio) request.hull.ratio = *ratio;
}

}  // namespace

ClusterRequest parse_cluster_request(std::string_view body, const Schema& schema) {
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    if (const auto error = parser.parse(body.data(), body.size()).get(document)) {
        throw Error(Code::malformed, fmt::format("the body is not JSON: {}", simdjson::error_message(error)));
    }
    RequestJudge judge;
    ClusterRequest request;
    std::optional<cql2::Expression> filter;
    object members;
    if (document.get(members) != simdjson::SUCCESS) {
        judge.fault("", what_is(document) + "; expected an object");
    } else {
        judge.members(members, "",
                      {"eps_meters", "min_points", "metric", "match", "filter", "filter-lang", "bbox", "area",
                       "result", "hull", "ratio"});
        judge_density(judge, members, request);
        judge_metric(judge, members, schema.crs, request);
        if (judge.one_of(members, "match", {"geometry", "centroid"}) == "centroid")
            request.match = Match::centroid;
        filter = judge.filter(members);
        request.area = judge.area(members, schema.crs);
        judge_result(judge, members, request);
    }
    judge.finish();
    request.filter = judged_filter(std::move(filter), schema);
    return request;
}

}  // namespace crowfly
