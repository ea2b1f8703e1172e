#include "service/cluster_endpoint.h"

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <vector>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/text.h"
#include "service/cluster_job.h"
#include "service/job_endpoints.h"
#include "service/links.h"
#include "service/media_types.h"

namespace crowfly {
namespace {

constexpr std::size_t kMostBodyBytes = std::size_t{1} << 20U;

constexpr std::array kOfLabels{RowFormat::ndjson, RowFormat::csv};
constexpr std::array kOfSummary{RowFormat::geojson};

/// Where clusters are found that nobody waits for.
class ClusterJobs {
  public:
    ClusterJobs(const ApiLimits& limits, Jobs& jobs)
        : jobs_(jobs), executor_(limits.bulk_threads), pool_(1, limits.bulk_queue) {}

    /// Ends those that are under way.
    ~ClusterJobs() {
        const std::scoped_lock lock(mutex_);
        for (const auto& known : begun_) {
            if (const auto job = known.lock()) job->cancel();
        }
    }
    ClusterJobs(const ClusterJobs&) = delete;
    ClusterJobs& operator=(const ClusterJobs&) = delete;

    Executor& executor() noexcept { return executor_; }

    /// Its id. Throws Error(busy) when too many wait.
    std::string begin(const std::shared_ptr<ClusterJob>& job) {
        {
            const std::scoped_lock lock(mutex_);
            forget_some();
            begun_.push_back(job);
        }
        if (!pool_.offer([this, job] { job->run(executor_); }))
            throw Error(Code::busy, "too many jobs of this kind are waiting; try again");
        return jobs_.add(job);
    }

  private:
    /// What clusters of many places are takes tens of megabytes, so only the last are kept.
    static constexpr std::size_t kMostKept = 16;

    void forget_some() {
        std::erase_if(begun_, [](const auto& known) { return known.expired(); });
        std::size_t ended = 0;
        for (auto known = begun_.rbegin(); known != begun_.rend(); ++known) {
            const auto job = known->lock();
            if (job != nullptr && job->has_ended() && ++ended >= kMostKept) job->forget();
        }
    }

    Jobs& jobs_;
    std::mutex mutex_;
    std::vector<std::weak_ptr<ClusterJob>> begun_;  // in their order
    ThreadExecutor executor_;
    WorkPool pool_;  // the last: it uses the others
};

bool prefers_a_job(const HttpRequest& request) {
    std::string_view preferences = request.header("Prefer");
    while (!preferences.empty()) {
        const std::string_view one = preferences.substr(0, preferences.find(','));
        preferences.remove_prefix(std::min(one.size() + 1, preferences.size()));
        if (equal_ignoring_case(trimmed(one.substr(0, one.find(';'))), "respond-async")) return true;
    }
    return false;
}

HttpResponse begun(const HttpRequest& request, const std::string& id, const Job& job) {
    HttpResponse response = job_begun(request, id, job);
    if (prefers_a_job(request)) response.headers.emplace_back("Preference-Applied", "respond-async");
    return response;
}

HttpResponse find_clusters(const Catalog& catalog, const ApiLimits& limits, ClusterJobs& jobs,
                           const Call& call) {
    const auto collection = catalog.require(call.values[0]);
    QueryParameters parameters(call.request.query, {"f"});
    ClusterRequest request = parse_cluster_request(call.request.body, collection->schema());
    const std::span<const RowFormat> offered =
        request.labels ? std::span<const RowFormat>(kOfLabels) : std::span<const RowFormat>(kOfSummary);
    const auto format = wanted_format(parameters, call.request, offered);
    parameters.finish();
    if (!format) return not_acceptable(offered);
    auto task = std::make_unique<ClusterTask>(collection, std::move(request));
    const bool prefers_job = prefers_a_job(call.request);
    if (!prefers_job && task->gather(call.control) <= limits.most_cluster_places)
        return reply_of(task->run(jobs.executor(), call.control), *format);
    const auto job = std::make_shared<ClusterJob>(std::move(task), *format, !prefers_job);
    return begun(call.request, jobs.begin(job), *job);
}

}  // namespace

void add_cluster_endpoints(ApiRouter& router, const Catalog& catalog, const ApiLimits& limits, Jobs& jobs) {
    const auto cluster_jobs = std::make_shared<ClusterJobs>(limits, jobs);
    router.add(
        "POST", "/collections/{c}/clusters",
        {.answer = [&catalog, &limits, cluster_jobs](
                       const Call& call) { return find_clusters(catalog, limits, *cluster_jobs, call); },
         .lane = [](const HttpRequest&) { return Lane::bulk; },
         .most_body_bytes = kMostBodyBytes,
         .is_timed = false});
}

}  // namespace crowfly
