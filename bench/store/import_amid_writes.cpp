#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>

#include "bench/point_sets.h"
#include "bench/store/latencies.h"
#include "bench/store/store_bench.h"
#include "bench/store/store_places.h"
#include "bench/systems/peer_process.h"
#include <fmt/format.h>

#include "core/executor.h"
#include "formats/place_reader.h"
#include "store/embedded/embedded_store.h"
#include "store/import_job.h"

namespace crowfly::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// A collection of which places move all the time, one after the other, with a pause in between.
class Traffic {
  public:
    explicit Traffic(const EmbeddedStore& store) {
        std::vector<Place> places(100);
        for (std::size_t i = 0; i < places.size(); ++i) places[i].id = std::to_string(i);
        PlaceList list(places);
        places_ = store.create_collection({.name = "traffic"}, {MetricKind::spheroid}, list);
    }

    /// How long the moves take while `work` runs.
    Latencies during(const std::function<void()>& work) {
        std::atomic<bool> is_over = false;
        Latencies latencies;
        {
            const std::jthread mover([&] {
                for (int i = 0; !is_over; ++i) {
                    std::this_thread::sleep_for(std::chrono::milliseconds(10));
                    const auto start = Clock::now();
                    std::vector<Change> changes{
                        Move{std::to_string(i % 100), {static_cast<double>(i % 180), 0}}};
                    places_->write(std::move(changes));
                    latencies.add(Clock::now() - start);
                }
            });
            try {
                work();
            } catch (...) {
                is_over = true;
                throw;
            }
            is_over = true;
        }
        return latencies;
    }

  private:
    std::unique_ptr<Collection> places_;
};

void import_file(ImportJob& job, const std::string& csv) {
    Rejects rejects(OnError::abort);
    job.run(*open_places(csv, std::nullopt, {}, rejects), rejects);
}

}  // namespace

void import_amid_writes_rows(const StoreBenchOptions& options, std::vector<Row>& rows) {
    const ExchangeDirectory directory;
    const std::string csv = directory.file("places.csv");
    write_places(csv, clustered_points(options.places, 1), Ids::uuids, true);
    ThreadExecutor executor(2);
    const EmbeddedStore store(directory.file("places.gpkg"), sqlite::Access::create, {.executor = &executor});
    Traffic traffic(store);
    const auto add = [&](const std::string& what, const std::function<void()>& import) {
        const auto start = Clock::now();
        const Latencies latencies = traffic.during(import);
        const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
        fmt::print(stderr, "bench: import amid writes, {}: {:.2f} s\n", what, seconds);
        const auto row = [&](const char* work, double value) {
            rows.push_back(store_row(work, "crowfly, " + what, options.places, value, "ms"));
        };
        row("others' writes, p50", latencies.quantile(0.5) / 1e3);
        row("others' writes, p99", latencies.quantile(0.99) / 1e3);
        row("others' writes, longest", latencies.max() / 1e3);
    };
    add("no import", [] { std::this_thread::sleep_for(std::chrono::seconds(3)); });
    std::unique_ptr<Collection> places;
    add("new", [&] {
        NewCollection make;
        make.schema.name = "places";
        make.metrics = {MetricKind::spheroid};
        ImportJob job(store, make);
        import_file(job, csv);
        places = job.take_collection();
    });
    add("there, atomic", [&] {
        ImportJob job(store, *places);
        import_file(job, csv);
    });
    add("there, batches", [&] {
        ImportJob job(store, *places, {.mode = ImportMode::batches});
        import_file(job, csv);
    });
}

}  // namespace crowfly::bench
