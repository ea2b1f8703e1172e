#include <algorithm>
#include <filesystem>
#include <functional>
#include <limits>

#include "bench/point_sets.h"
#include "bench/store/program.h"
#include "bench/store/store_bench.h"
#include "bench/store/store_places.h"
#include "bench/systems/peer_process.h"
#include <fmt/format.h>

namespace crowfly::bench {
namespace {

struct Importer {
    std::string name;
    std::function<std::vector<std::string>(const std::string& from, const std::string& to)> command;
};

std::vector<Importer> importers(const StoreBenchOptions& options) {
    const auto ogr2ogr = [](const std::string& from, const std::string& to, std::vector<std::string> more) {
        std::vector<std::string> command{"ogr2ogr",
                                         "-f",
                                         "GPKG",
                                         to,
                                         from,
                                         "-oo",
                                         "X_POSSIBLE_NAMES=lon",
                                         "-oo",
                                         "Y_POSSIBLE_NAMES=lat",
                                         "-a_srs",
                                         "EPSG:4326",
                                         "-nln",
                                         "places"};
        command.insert(command.end(), more.begin(), more.end());
        return command;
    };
    std::vector<Importer> all{
        {"crowfly", [&](const std::string& from, const std::string& to) {
             return std::vector<std::string>{options.crowfly, "import", from, "--to", to};
         }}};
    if (options.no_peers) return all;
    all.push_back({"ogr2ogr", [=](const auto& from, const auto& to) { return ogr2ogr(from, to, {}); }});
    // Without its spatial index, of which crowfly has the like.
    all.push_back({"ogr2ogr no index", [=](const auto& from, const auto& to) {
                       return ogr2ogr(from, to, {"-lco", "SPATIAL_INDEX=NO"});
                   }});
    return all;
}

std::uint64_t size_of_all(const std::filesystem::path& path) {
    std::uint64_t size = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path.parent_path())) {
        if (entry.path().filename().string().starts_with(path.filename().string())) size += entry.file_size();
    }
    return size;
}

void remove_all(const std::filesystem::path& path) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(path.parent_path())) {
        if (entry.path().filename().string().starts_with(path.filename().string()))
            files.push_back(entry.path());
    }
    for (const auto& file : files) std::filesystem::remove(file);
}

}  // namespace

void import_rows(const StoreBenchOptions& options, std::vector<Row>& rows) {
    const int repeats = options.quick ? 1 : 3;
    const ExchangeDirectory directory;
    const std::string to = directory.file("out.gpkg");
    const std::vector<LonLat> positions = clustered_points(options.places, 1);
    for (const auto& [ids, name] : {std::pair{Ids::uuids, "uuids"}, std::pair{Ids::numbers, "numbers"}}) {
        const std::string from = directory.file("places.csv");
        write_places(from, positions, ids, true);
        const std::vector<Importer> all = importers(options);
        std::vector<Usage> least(all.size());
        for (int repeat = 0; repeat < repeats; ++repeat) {
            for (std::size_t i = 0; i < all.size(); ++i) {
                remove_all(to);
                const Usage usage = run_program(all[i].command(from, to));
                fmt::print(
                    stderr,
                    "bench: import, {} as ids: {}: {:.2f} s, {:.0f} rows/s, {:.2f} s of CPU, peak {} MB, "
                    "{} MB on disk\n",
                    name, all[i].name, usage.seconds, static_cast<double>(options.places) / usage.seconds,
                    usage.cpu_seconds, usage.peak_bytes >> 20U, size_of_all(to) >> 20U);
                if (repeat == 0 || usage.seconds < least[i].seconds) least[i] = usage;
            }
        }
        for (std::size_t i = 0; i < all.size(); ++i) {
            const auto add = [&](const std::string& work, double value, const char* unit) {
                rows.push_back(
                    store_row(fmt::format("{}, {}", work, name), all[i].name, options.places, value, unit));
            };
            add("import", least[i].seconds, "s");
            add("import CPU", least[i].cpu_seconds, "s");
            add("import peak memory", static_cast<double>(least[i].peak_bytes) / 1e6, "MB");
        }
    }
}

}  // namespace crowfly::bench
