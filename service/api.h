#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/control.h"
#include "service/catalog.h"
#include "service/request_handler.h"
#include "service/router.h"
#include "service/work_pool.h"

namespace crowfly {

/// A request on its way to what answers it.
struct Call {
    const HttpRequest& request;
    const PathValues& values;  ///< of the names in the route's pattern
    Control control = {};      ///< ends the work when its time is over, or the client has left
};

/// How a request is answered.
struct Endpoint {
    std::function<HttpResponse(const Call&)> answer;

    /// Whether it takes so long that it has to be done in the pool instead of between two requests.
    std::function<bool(const HttpRequest&)> is_slow = {};

    std::size_t most_body_bytes = 0;
};

using ApiRouter = Router<Endpoint>;

struct ApiLimits {
    std::chrono::milliseconds search_timeout{2'000};  ///< of a search, from when its request is there
    std::size_t most_neighbors = 10'000;              ///< k, but for the contract of /knn/search
    std::size_t pool_threads = 2;                     ///< for what is slow
    std::size_t pool_queue = 64;                      ///< how much of that may wait
};

/// What the service answers, without a socket in sight: route, parse, validate, run, render. May be called
/// from any number of threads. What goes wrong becomes a problem+json.
class Api final : public RequestHandler {
  public:
    /// The collections on WGS84 must have been opened with the metric spheroid. Planar ones are listed, and
    /// searched with the plane where that is asked for.
    explicit Api(std::vector<std::unique_ptr<Collection>> collections, ApiLimits limits = {});

    /// At once, and in this thread, also what is slow.
    HttpResponse handle(const HttpRequest& request) const;

    Admission admit(const HttpRequest& request) override;
    std::optional<HttpResponse> handle(const HttpRequest& request, const Later& later) override;

  private:
    HttpResponse answer(const HttpRequest& request, const ApiRouter::Found& found,
                        std::stop_token stop) const;

    ApiLimits limits_;
    Catalog catalog_;
    ApiRouter router_;
    WorkPool pool_;  // last: it uses the others
};

}  // namespace crowfly
