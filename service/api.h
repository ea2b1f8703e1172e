#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/control.h"
#include "core/search/counts.h"
#include "service/auth/principal.h"
#include "service/catalog.h"
#include "service/jobs.h"
#include "service/request_handler.h"
#include "service/router.h"
#include "service/work_pool.h"

namespace crowfly {

/// What the log and the metrics are to know of a search.
struct SearchNotes {
    std::optional<std::uint64_t> k = {};
    std::optional<std::uint64_t> returned = {};
    std::optional<SearchCounts> counts = {};
    bool unknown_crs = false;  ///< it named a reference system that is not known
};

/// A request on its way to what answers it.
struct Call {
    const HttpRequest& request;
    const PathValues& values;      ///< of the names in the route's pattern
    const Principal& principal;    ///< who sends it
    Control control = {};          ///< ends the work when its time is over, or the client has left
    SearchNotes* notes = nullptr;  ///< never null in an endpoint
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
    std::size_t most_neighbors = 10'000;              ///< k, but for the contract of /knn/search
    std::size_t most_join_rows = 1'000'000;           ///< places of a join's query side
    std::size_t most_cluster_places = 200'000;        ///< that are clustered while the client waits
    std::size_t pool_threads = 2;                     ///< of Lane::slow
    std::size_t pool_queue = 64;                      ///< how many may wait there
    std::size_t bulk_threads = 2;                     ///< of Lane::bulk
    std::size_t bulk_queue = 32;                      ///< how many may wait there
    std::size_t write_threads = 16;                   ///< of Lane::write
    std::size_t write_queue = 1'024;                  ///< how many may wait there
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
    struct Notes;

    std::shared_ptr<Notes> noted(const HttpRequest& request) const;
    static void require_role(const Notes& notes);
    Control control(const Endpoint& endpoint, std::stop_token stop) const;
    WorkPool* pool_of(const HttpRequest& request, const Endpoint& endpoint);

    ApiLimits limits_;
    Catalog catalog_;
    Jobs jobs_;
    ApiRouter router_;
    WorkPool slow_;  // the pools last: they use the others
    WorkPool bulk_;
    WorkPool write_;
};

}  // namespace crowfly
