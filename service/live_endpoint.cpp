#include "service/live_endpoint.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "service/live_events.h"
#include "service/media_types.h"
#include "service/search_parameters.h"

namespace crowfly {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr int kRetryMilliseconds = 2'000;

HttpResponse no_room() {
    HttpResponse response =
        problem_of_status(503, "there are too many subscriptions, or the service is about to end; try again");
    response.headers.emplace_back("Retry-After", "5");
    return response;
}

HttpResponse live(const Catalog& catalog, const ApiLimits& limits, LivePump& pump, const Call& call) {
    const auto collection = catalog.require(call.values[0]);
    SearchParameters search(call, *collection, {"k", "max_distance"});
    const std::size_t k =
        search.parameters().whole("k", 1, limits.most_neighbors).value_or(kDefaultNeighbors);
    const double max_distance = search.parameters().number("max_distance", 0, kInf).value_or(kInf);
    NearestQuery query{.from = search.query(), .k = k, .max_distance = max_distance};
    query.from.report = nullptr;  // the stream outlives the parameters
    // What is wrong with the query is told before the stream begins, and also that it takes too long.
    const auto most = std::chrono::steady_clock::now() + pump.limits().search;
    query.from.control.deadline = std::min(query.from.control.deadline.value_or(most), most);
    collection->nearest(query.from, k, max_distance);
    call.notes->k = k;
    HttpResponse response{.content_type = media_type::kEventStream,
                          .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}};
    write_live_retry(response.body, kRetryMilliseconds);
    response.stream = pump.open(collection, std::move(query), Decimals::all);
    return response.stream ? std::move(response) : no_room();
}

}  // namespace

void add_live_endpoint(ApiRouter& router, const Catalog& catalog, const ApiLimits& limits, LivePump& pump) {
    router.add("GET", "/collections/{c}/nearest/live",
               {.answer = [&](const Call& call) { return live(catalog, limits, pump, call); },
                .lane = [](const HttpRequest&) { return Lane::slow; }});
}

}  // namespace crowfly
