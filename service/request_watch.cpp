#include "service/request_watch.h"

#include <thread>

namespace crowfly {
namespace {

/// Threads that answer add to different stripes, mostly.
MetricsStripe& stripe_of_this_thread(Metrics& metrics) {
    return metrics.stripe(std::hash<std::thread::id>()(std::this_thread::get_id()) % metrics.stripes());
}

void count(const WatchedRequest& watched, MetricsStripe& stripe, bool is_slow) {
    const CallNotes& notes = watched.notes;
    stripe.count_request(watched.route, watched.response.status, watched.took, watched.request.body.size(),
                         watched.response.body.size());
    if (watched.refusal) stripe.count_refusal(*watched.refusal);
    if (notes.unknown_crs) stripe.count_srid_failure();
    if (notes.changes) stripe.count_commit(watched.took, *notes.changes);
    if (!notes.k) return;
    const SearchCounts counts = notes.counts.value_or(SearchCounts());
    stripe.count_search(*notes.k, notes.returned.value_or(0), counts.nodes, counts.distances);
    if (is_slow) stripe.count_slow_search();
}

}  // namespace

void watch(const WatchedRequest& watched, Metrics& metrics, RequestLog* log) {
    const bool is_slow = log != nullptr && log->is_slow(watched.took);
    count(watched, stripe_of_this_thread(metrics), is_slow);
    if (log == nullptr) return;
    const std::string peer = watched.request.peer.to_string();
    log->write({.time = std::chrono::system_clock::now() -
                        std::chrono::duration_cast<std::chrono::system_clock::duration>(watched.took),
                .method = watched.request.method,
                .route = watched.pattern,
                .status = watched.response.status,
                .duration = watched.took,
                .bytes_in = watched.request.body.size(),
                .bytes_out = watched.response.body.size(),
                .collection = watched.collection,
                .k = watched.notes.k,
                .returned = watched.notes.returned,
                .key = watched.key,
                .peer = peer,
                .fault = watched.fault ? info(*watched.fault).name : std::string_view(),
                .trace = parse_traceparent(watched.request.header("traceparent")),
                .counts = watched.notes.counts});
}

}  // namespace crowfly
