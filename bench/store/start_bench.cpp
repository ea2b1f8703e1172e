#include <chrono>
#include <filesystem>
#include <sstream>

#include "bench/point_sets.h"
#include "bench/store/program.h"
#include "bench/store/store_bench.h"
#include "bench/store/store_places.h"
#include "bench/systems/peer_process.h"
#include <fmt/format.h>

#include "core/executor.h"
#include "store/embedded/embedded_store.h"

namespace crowfly::bench {
namespace {

struct Start {
    double seconds = 0;
    double bytes = 0;
};

Start start_once(const std::string& self, const std::string& store) {
    Start start;
    std::istringstream(run_program({self, "--answer-once", store}).out) >> start.seconds >> start.bytes;
    return start;
}

/// Everything beside the store that is not the store: its index cache.
void remove_caches(const std::string& store) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(store).parent_path())) {
        const std::string path = entry.path().string();
        if (path.starts_with(store) && path.find("cache") != std::string::npos) files.push_back(entry.path());
    }
    for (const auto& file : files) std::filesystem::remove(file);
}

}  // namespace

void answer_once(const std::string& path) {
    const std::uint64_t before = resident_bytes();
    const auto start = std::chrono::steady_clock::now();
    ThreadExecutor executor(2);
    const EmbeddedStore store(path, sqlite::Access::read_only, {.executor = &executor});
    const auto places = store.open_collection("places", {MetricKind::spheroid});
    const auto answer = places->nearest({.point = {12.5, 41.9}}, 10, 1e9);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (answer.size() != 10) throw std::runtime_error("a store has too few places");
    // What has been used so far counts too, as what is mapped is only then in memory.
    for (int lon = -179; lon < 180; ++lon) {
        for (int lat = -85; lat < 86; ++lat)
            places->nearest({.point = {static_cast<double>(lon), static_cast<double>(lat)}}, 10, 1e9);
    }
    fmt::print("{} {}\n", seconds, resident_bytes() - before);
}

void start_rows(const StoreBenchOptions& options, const std::string& self, std::vector<Row>& rows) {
    const ExchangeDirectory directory;
    const std::string from = directory.file("places.csv");
    const std::string store = directory.file("places.gpkg");
    const std::vector<LonLat> positions = clustered_points(options.places, 1);
    write_places(from, positions, Ids::numbers, false);
    run_program({options.crowfly, "import", from, "--to", store});
    double text = 0;
    for (std::size_t i = 0; i < positions.size(); ++i)
        text += static_cast<double>(2 * std::to_string(i).size() + std::string_view("Place ").size());
    const auto n = static_cast<double>(positions.size());
    const int repeats = options.quick ? 1 : 3;
    for (const bool with_cache : {true, false}) {
        Start least{.seconds = 1e9};
        for (int repeat = 0; repeat < repeats; ++repeat) {
            if (!with_cache) remove_caches(store);
            const Start start = start_once(self, store);
            if (start.seconds < least.seconds) least = start;
        }
        const std::string how = with_cache ? "with cache" : "without cache";
        rows.push_back(
            store_row("start to first answer", "crowfly " + how, positions.size(), least.seconds, "s"));
        rows.push_back(
            store_row("memory of a place", "crowfly " + how, positions.size(), least.bytes / n, "bytes"));
        rows.push_back(store_row("  but for its text", "crowfly " + how, positions.size(),
                                 (least.bytes - text) / n, "bytes"));
    }
}

}  // namespace crowfly::bench
