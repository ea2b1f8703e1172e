#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/control.h"
#include "service/auth/principal.h"
#include "service/catalog.h"
#include "service/cors.h"
#include "service/gate.h"
#include "service/idempotency.h"
#include "service/import_service.h"
#include "service/jobs.h"
#include "service/live_pump.h"
#include "service/metrics.h"
#include "service/request_handler.h"
#include "service/request_log.h"
#include "service/request_watch.h"
#include "service/router.h"
#include "service/work_pool.h"

namespace crowfly {

/// A request on its way to what answers it.
struct Call {
    const HttpRequest& request;
    const PathValues& values;    ///< of the names in the route's pattern
    const Principal& principal;  ///< who sends it
    Control control = {};        ///< ends the work when its time is over, or the client has left
    CallNotes* notes = nullptr;  ///< never null in an endpoint
};

/// Where a request is answered.
enum class Lane : std::uint8_t {
    at_once,  ///< between two requests of a connection: what takes less than a millisecond
    slow,     ///< in a pool: searches that may take longer
    bulk,     ///< in another one: joins and clusters, so that searches do not wait for them
    write,    ///< in a third one, whose threads mostly wait for the disk
};

/// How a request is answered.
struct Endpoint {
    /// What it throws becomes a problem. A response with `produce` is sent at once, with a stream that
    /// `produce` then writes in the same thread, which must not be that of Lane::at_once; it must not use the
    /// request any more, and what it throws breaks the stream off.
    std::function<HttpResponse(const Call&)> answer;

    /// Nothing: Lane::at_once. By a glance at the header.
    std::function<Lane(const HttpRequest&)> lane = {};

    /// Who may. Where the pattern begins with /collections/{c}, it must be somebody who may there.
    Role needed = Role::reader;
    bool asks_nobody = false;  ///< everybody may, without being asked who they are

    std::size_t most_body_bytes = 0;

    /// When set, makes what takes the body, which `answer` then finds as `request.upload`. What it throws is
    /// the reply.
    std::function<std::shared_ptr<Upload>(const Call&)> upload = {};

    bool is_timed = true;  ///< it ends with the timeout of searches
};

using ApiRouter = Router<Endpoint>;

struct ApiLimits {
    std::chrono::milliseconds search_timeout{2'000};  ///< of a search, from when its request is there
    std::size_t most_body_bytes = 1U << 20U;  ///< of a body that is kept whole, unless Lane::write or bulk
    std::size_t most_upload_bytes = std::size_t{16} << 30U;  ///< of those, and of uploads
    std::size_t most_neighbors = 10'000;                     ///< k, but for the contract of /knn/search
    std::size_t pool_threads = 2;                            ///< of Lane::slow
    std::size_t pool_queue = 64;                             ///< how many may wait there
    std::size_t bulk_threads = 2;                            ///< of Lane::bulk
    std::size_t bulk_queue = 32;                             ///< how many may wait there
    std::size_t write_threads = 16;                          ///< of Lane::write
    std::size_t write_queue = 1'024;                         ///< how many may wait there
    LiveLimits live = {};                                    ///< of live neighbors
    std::size_t most_join_rows = 1'000'000;                  ///< places of a join's query side
    std::size_t most_cluster_places = 200'000;               ///< that are clustered while the client waits
};

/// What the service answers with; all of it must outlive the Api.
struct ApiParts {
    Gate* gate = nullptr;       ///< null: everybody may do everything
    RequestLog* log = nullptr;  ///< null: none
    std::vector<std::string> cors_origins = {};
    bool has_tls = false;
    std::size_t stripes = 1;  ///< of the metrics; see Metrics
    ImportSettings imports = {};
};

/// What the service answers, without a socket in sight: route, judge who sends it, parse, validate, run,
/// render. May be called from any number of threads. What goes wrong becomes a problem+json.
class Api final : public RequestHandler {
  public:
    /// The collections on WGS84 must have been opened with the metric spheroid. Planar ones are listed, and
    /// searched with the plane where that is asked for.
    explicit Api(std::vector<std::unique_ptr<Collection>> collections, ApiLimits limits = {},
                 ApiParts parts = {});
    ~Api() override;

    /// At once, and in this thread, also what is slow; by somebody who may do everything.
    HttpResponse handle(const HttpRequest& request) const;

    /// What it answers, by method and pattern.
    std::vector<RouteName> routes() const { return router_.names(); }

    Admission admit(const HttpRequest& request) override;
    std::optional<HttpResponse> handle(const HttpRequest& request, const Later& later) override;
    void replied(const HttpRequest& request, const HttpResponse& response,
                 std::chrono::nanoseconds took) noexcept override;

    /// The service is about to end: it is not ready any more, and what would go on for ever ends.
    void drain() noexcept {
        draining_ = true;
        live_.stop();
    }

    /// Waits for what is being answered. To be called when nobody waits for replies any more, and while those
    /// to whom they would go are still there.
    void finish();

    Metrics& metrics() noexcept { return *metrics_; }

  private:
    struct Notes;

    void add_operations();
    void add_gauges();
    std::shared_ptr<Notes> noted(const HttpRequest& request) const;
    std::optional<HttpResponse> refusal_of(const HttpRequest& request, Notes& notes);
    std::optional<HttpResponse> not_routed(const HttpRequest& request, const Notes& notes) const;
    HttpResponse finished(const HttpRequest& request, HttpResponse response) const;
    Control control(const Endpoint& endpoint, std::stop_token stop) const;
    std::size_t most_bytes(const HttpRequest& request, const Endpoint& endpoint) const;
    WorkPool* pool_of(const HttpRequest& request, const Endpoint& endpoint);

    ApiLimits limits_;
    ApiParts parts_;
    Cors cors_;
    Catalog catalog_;
    Idempotency replies_;
    Jobs jobs_;
    ImportService imports_;  // before the jobs goes what runs for them
    ApiRouter router_;
    std::unique_ptr<Metrics> metrics_;
    std::atomic<bool> draining_ = false;
    LivePump live_;
    WorkPool slow_;  // the pools last: they use the others
    WorkPool bulk_;
    WorkPool write_;
};

}  // namespace crowfly
