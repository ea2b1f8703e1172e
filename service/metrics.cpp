#include "service/metrics.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <prometheus/text_serializer.h>

namespace crowfly {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::array<std::string_view, 5> kRefusals{"unauthenticated", "forbidden", "rate_of_key",
                                                    "rate_of_address", "overload"};
constexpr std::array<std::string_view, 3> kOutcomes{"done", "failed", "cancelled"};
constexpr std::array<std::string_view, 2> kRows{"imported", "rejected"};

using Stripe = MetricsStripe;
using Stripes = std::vector<std::unique_ptr<MetricsStripe>>;
using Labels = std::vector<ClientMetric::Label>;

double seconds(std::chrono::nanoseconds duration) noexcept {
    return std::chrono::duration<double>(duration).count();
}

ClientMetric counter(Labels labels, std::uint64_t value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.counter.value = static_cast<double>(value);
    return metric;
}

/// The sum over all stripes of what `of` gives of each.
template <class Of>
std::uint64_t sum(const Stripes& stripes, const Of& of) {
    return std::accumulate(stripes.begin(), stripes.end(), std::uint64_t{0},
                           [&](std::uint64_t total, const auto& stripe) {
                               return total + of(*stripe).load(std::memory_order_relaxed);
                           });
}

/// The histogram that `of` gives of each stripe, added up.
template <std::size_t Count, class Of>
ClientMetric histogram(const Stripes& stripes, Labels labels, const std::array<double, Count>& bounds,
                       const Of& of) {
    std::array<std::uint64_t, Count + 1> buckets{};
    ClientMetric metric;
    metric.label = std::move(labels);
    for (const auto& stripe : stripes) of(*stripe).add_to(buckets, metric.histogram.sample_sum);
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < Count; ++i) {
        total += buckets[i];
        metric.histogram.bucket.push_back({.cumulative_count = total, .upper_bound = bounds[i]});
    }
    metric.histogram.sample_count = total + buckets[Count];
    return metric;
}

template <std::size_t Count, class Of>
MetricFamily counters(const Stripes& stripes, std::string name, std::string help, const std::string& label,
                      const std::array<std::string_view, Count>& values, const Of& of) {
    MetricFamily family{std::move(name), std::move(help), MetricType::Counter, {}};
    for (std::size_t i = 0; i < Count; ++i) {
        family.metric.push_back(
            counter({{label, std::string(values[i])}},
                    sum(
                        stripes, [&](const auto& stripe) -> auto& { return of(stripe)[i]; })));
    }
    return family;
}

template <class Of>
MetricFamily one_counter(const Stripes& stripes, std::string name, std::string help, const Of& of) {
    return {std::move(name), std::move(help), MetricType::Counter, {counter({}, sum(stripes, of))}};
}

template <std::size_t Count, class Of>
MetricFamily one_histogram(const Stripes& stripes, std::string name, std::string help,
                           const std::array<double, Count>& bounds, const Of& of) {
    return {std::move(name), std::move(help), MetricType::Histogram, {histogram(stripes, {}, bounds, of)}};
}

}  // namespace

void MetricsStripe::count_request(std::size_t route, int status, std::chrono::nanoseconds duration,
                                  std::uint64_t bytes_in, std::uint64_t bytes_out) noexcept {
    const auto* known = std::find(kStatuses.begin(), kStatuses.end(), status);
    const auto number = known == kStatuses.end() ? 0 : known - kStatuses.begin();
    add(routes_[route].statuses[static_cast<std::size_t>(number)], 1);
    routes_[route].seconds.observe(seconds(duration), kSeconds);
    add(bytes_in_, bytes_in);
    add(bytes_out_, bytes_out);
}

void MetricsStripe::count_search(std::uint64_t k_requested, std::uint64_t k_returned, std::uint64_t nodes,
                                 std::uint64_t distances) noexcept {
    k_requested_.observe(static_cast<double>(k_requested), kNeighbors);
    k_returned_.observe(static_cast<double>(k_returned), kNeighbors);
    nodes_.observe(static_cast<double>(nodes), kNodes);
    add(distances_, distances);
}

void MetricsStripe::count_import_rows(std::uint64_t imported, std::uint64_t rejected) noexcept {
    add(import_rows_[0], imported);
    add(import_rows_[1], rejected);
}

void MetricsStripe::count_commit(std::chrono::nanoseconds duration, std::uint64_t changes) noexcept {
    commit_seconds_.observe(seconds(duration), kSeconds);
    add(changes_, changes);
}

Metrics::Metrics(std::vector<std::string> routes, std::size_t stripes, std::string_view version)
    : routes_(std::move(routes)) {
    for (std::size_t i = 0; i < stripes; ++i)
        stripes_.push_back(std::make_unique<MetricsStripe>(routes_.size()));
    add_gauge("crowfly_build_info", "Always 1; the label has the version", "version",
              [version = std::string(version)] {
                  return std::vector<Reading>{{version, 1}};
              });
}

void Metrics::add_gauge(std::string name, std::string help, std::string label,
                        std::function<std::vector<Reading>()> read) {
    watched_.push_back(
        {std::move(name), std::move(help), std::move(label), MetricType::Gauge, std::move(read)});
}

void Metrics::add_counter(std::string name, std::string help, std::string label,
                          std::function<std::vector<Reading>()> read) {
    watched_.push_back(
        {std::move(name), std::move(help), std::move(label), MetricType::Counter, std::move(read)});
}

std::vector<MetricFamily> Metrics::Collect() const {
    std::vector<MetricFamily> families;
    collect_requests(families);
    collect_searches(families);
    collect_writes(families);
    for (const Watched& watched : watched_) {
        MetricFamily family{watched.name, watched.help, watched.type, {}};
        for (Reading& reading : watched.read()) {
            ClientMetric metric;
            if (!watched.label.empty()) metric.label = {{watched.label, std::move(reading.label)}};
            (watched.type == MetricType::Gauge ? metric.gauge.value : metric.counter.value) = reading.value;
            family.metric.push_back(std::move(metric));
        }
        families.push_back(std::move(family));
    }
    return families;
}

void Metrics::collect_requests(std::vector<MetricFamily>& families) const {
    MetricFamily requests{
        "crowfly_http_requests_total", "Replies, by route and status", MetricType::Counter, {}};
    MetricFamily durations{"crowfly_http_request_duration_seconds",
                           "How long requests took, by route",
                           MetricType::Histogram,
                           {}};
    for (std::size_t route = 0; route < routes_.size(); ++route) {
        for (std::size_t i = 0; i < Stripe::kStatuses.size(); ++i) {
            const auto count = sum(
                stripes_, [&](const Stripe& s) -> auto& { return s.routes_[route].statuses[i]; });
            // Those that never happened would be most of the text.
            if (count == 0) continue;
            const int status = Stripe::kStatuses[i];
            requests.metric.push_back(counter(
                {{"route", routes_[route]}, {"status", status == 0 ? "other" : std::to_string(status)}},
                count));
        }
        durations.metric.push_back(histogram(
            stripes_, {{"route", routes_[route]}},
            Stripe::kSeconds, [&](const Stripe& s) -> auto& { return s.routes_[route].seconds; }));
    }
    families.push_back(std::move(requests));
    families.push_back(std::move(durations));
    families.push_back(one_counter(
        stripes_, "crowfly_http_request_bytes_total", "Bytes of requests' bodies",
        [](const Stripe& s) -> auto& { return s.bytes_in_; }));
    families.push_back(one_counter(
        stripes_, "crowfly_http_reply_bytes_total", "Bytes of replies' bodies",
        [](const Stripe& s) -> auto& { return s.bytes_out_; }));
    families.push_back(counters(
        stripes_, "crowfly_refusals_total", "Requests that were turned away, by reason", "reason", kRefusals,
        [](const Stripe& s) -> auto& { return s.refusals_; }));
}

void Metrics::collect_searches(std::vector<MetricFamily>& families) const {
    families.push_back(one_histogram(
        stripes_, "crowfly_k_requested", "How many neighbors were asked for", Stripe::kNeighbors,
        [](const Stripe& s) -> auto& { return s.k_requested_; }));
    families.push_back(one_histogram(
        stripes_, "crowfly_k_returned", "How many neighbors there were", Stripe::kNeighbors,
        [](const Stripe& s) -> auto& { return s.k_returned_; }));
    families.push_back(one_histogram(
        stripes_, "crowfly_search_nodes", "Inner nodes of trees that a search opened", Stripe::kNodes,
        [](const Stripe& s) -> auto& { return s.nodes_; }));
    families.push_back(one_counter(
        stripes_, "crowfly_search_distances_total", "Distances that searches settled",
        [](const Stripe& s) -> auto& { return s.distances_; }));
    families.push_back(one_counter(
        stripes_, "crowfly_slow_searches_total", "Searches slower than the log's threshold",
        [](const Stripe& s) -> auto& { return s.slow_searches_; }));
    families.push_back(one_counter(
        stripes_, "crowfly_srid_validation_failures_total", "Requests that named an unknown reference system",
        [](const Stripe& s) -> auto& { return s.srid_failures_; }));
}

void Metrics::collect_writes(std::vector<MetricFamily>& families) const {
    families.push_back(counters(
        stripes_, "crowfly_import_rows_total", "Rows of imports", "outcome", kRows,
        [](const Stripe& s) -> auto& { return s.import_rows_; }));
    families.push_back(counters(
        stripes_, "crowfly_imports_total", "Imports that have ended", "outcome", kOutcomes,
        [](const Stripe& s) -> auto& { return s.imports_; }));
    families.push_back(one_histogram(
        stripes_, "crowfly_commit_duration_seconds", "How long writes took to reach the disk",
        Stripe::kSeconds, [](const Stripe& s) -> auto& { return s.commit_seconds_; }));
    families.push_back(one_counter(
        stripes_, "crowfly_changes_total", "Places that were set or removed",
        [](const Stripe& s) -> auto& { return s.changes_; }));
}

std::string Metrics::render() const {
    return prometheus::TextSerializer().Serialize(Collect());
}

}  // namespace crowfly
