#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

namespace crowfly {

/// Counts and sums by bucket, to which any number of threads add without a lock. `Count` is the number of its
/// upper bounds, each inclusive, in ascending order; what is above all of them is counted too.
template <std::size_t Count>
class AtomicHistogram {
  public:
    void observe(double value, const std::array<double, Count>& bounds) noexcept {
        std::size_t bucket = 0;
        while (bucket < Count && value > bounds[bucket]) ++bucket;
        buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
        sum_.fetch_add(value, std::memory_order_relaxed);
    }

    /// Adds what it has to that.
    void add_to(std::array<std::uint64_t, Count + 1>& buckets, double& sum) const noexcept {
        for (std::size_t i = 0; i <= Count; ++i) buckets[i] += buckets_[i].load(std::memory_order_relaxed);
        sum += sum_.load(std::memory_order_relaxed);
    }

  private:
    std::array<std::atomic<std::uint64_t>, Count + 1> buckets_{};
    std::atomic<double> sum_ = 0;
};

/// Why somebody was turned away.
enum class Refusal : std::uint8_t { unauthenticated, forbidden, rate_of_key, rate_of_address, overload };

/// What an import came to.
enum class ImportOutcome : std::uint8_t { done, failed, cancelled };

/// What happens in the service, counted. Each event loop adds to a stripe of its own, so that they do not
/// wait for each other's cache lines; a stripe may all the same be used by any thread. None of the members
/// below takes a lock or allocates.
class MetricsStripe {
  public:
    static constexpr std::array<double, 16> kSeconds{
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    static constexpr std::array<double, 8> kNeighbors{0, 1, 5, 10, 25, 50, 100, 1000};
    static constexpr std::array<double, 9> kNodes{4, 8, 16, 32, 64, 128, 512, 4096, 65536};
    /// Other statuses are counted as 0.
    static constexpr std::array<int, 28> kStatuses{0,   200, 201, 202, 204, 206, 304, 400, 401, 403,
                                                   404, 405, 406, 408, 409, 410, 412, 413, 415, 422,
                                                   428, 429, 431, 500, 501, 503, 504, 505};

    explicit MetricsStripe(std::size_t routes) : routes_(routes) {}

    /// A reply was sent. `route` is the number that Metrics was given for it.
    void count_request(std::size_t route, int status, std::chrono::nanoseconds duration,
                       std::uint64_t bytes_in, std::uint64_t bytes_out) noexcept;

    /// A search was answered.
    void count_search(std::uint64_t k_requested, std::uint64_t k_returned, std::uint64_t nodes,
                      std::uint64_t distances) noexcept;

    /// So many bytes, places and rejects came in by imports, since this was last said.
    void count_import_rows(std::uint64_t imported, std::uint64_t rejected) noexcept;
    void count_import(ImportOutcome outcome) noexcept { add(imports_[static_cast<std::size_t>(outcome)], 1); }

    /// A write was brought to the disk.
    void count_commit(std::chrono::nanoseconds duration, std::uint64_t changes) noexcept;

    void count_refusal(Refusal refusal) noexcept { add(refusals_[static_cast<std::size_t>(refusal)], 1); }

    /// A request named a reference system that is not known.
    void count_srid_failure() noexcept { add(srid_failures_, 1); }
    void count_slow_search() noexcept { add(slow_searches_, 1); }

  private:
    friend class Metrics;
    using Counter = std::atomic<std::uint64_t>;

    struct Route {
        std::array<Counter, kStatuses.size()> statuses{};
        AtomicHistogram<kSeconds.size()> seconds;
    };

    static void add(Counter& counter, std::uint64_t count) noexcept {
        counter.fetch_add(count, std::memory_order_relaxed);
    }

    std::vector<Route> routes_;
    Counter bytes_in_ = 0;
    Counter bytes_out_ = 0;
    AtomicHistogram<kNeighbors.size()> k_requested_;
    AtomicHistogram<kNeighbors.size()> k_returned_;
    AtomicHistogram<kNodes.size()> nodes_;
    Counter distances_ = 0;
    std::array<Counter, 2> import_rows_{};
    std::array<Counter, 3> imports_{};
    AtomicHistogram<kSeconds.size()> commit_seconds_;
    Counter changes_ = 0;
    std::array<Counter, 5> refusals_{};
    Counter srid_failures_ = 0;
    Counter slow_searches_ = 0;
};

/// One value of something that is looked at when it is asked for, such as `{"imports", 3}` of the depths of
/// queues.
struct Reading {
    std::string label;  ///< empty without a label
    double value;
};

/// The metrics of the service, in the text that Prometheus reads. docs/service.md lists them.
class Metrics : public prometheus::Collectable {
  public:
    static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// `routes` are path templates, such as /collections/{c}/items; no route is known by what a client sends,
    /// so the number of series is bounded. Stripes are as many as there are event loops, and one for
    /// everything else.
    Metrics(std::vector<std::string> routes, std::size_t stripes, std::string_view version);

    std::size_t stripes() const noexcept { return stripes_.size(); }
    MetricsStripe& stripe(std::size_t number) noexcept { return *stripes_[number]; }

    /// Adds a gauge, to be read at each scrape, in the thread that asks. `label` is the name of the label of
    /// the readings; empty when they have none. To be called before the first scrape.
    void add_gauge(std::string name, std::string help, std::string label,
                   std::function<std::vector<Reading>()> read);

    /// The same for what only grows.
    void add_counter(std::string name, std::string help, std::string label,
                     std::function<std::vector<Reading>()> read);

    std::vector<prometheus::MetricFamily> Collect() const override;

    /// The text exposition format, version 0.0.4.
    std::string render() const;

  private:
    struct Watched {
        std::string name;
        std::string help;
        std::string label;
        prometheus::MetricType type;
        std::function<std::vector<Reading>()> read;
    };

    void collect_requests(std::vector<prometheus::MetricFamily>& families) const;
    void collect_searches(std::vector<prometheus::MetricFamily>& families) const;
    void collect_writes(std::vector<prometheus::MetricFamily>& families) const;

    std::vector<std::string> routes_;
    std::vector<std::unique_ptr<MetricsStripe>> stripes_;
    std::vector<Watched> watched_;
};

/// Adds gauges of what the system says of this process: memory, processor time, open files, threads.
void add_process_metrics(Metrics& metrics);

}  // namespace crowfly
