// How long a tile takes to make, and how large it is, from the whole world down to where people are, over the
// places of a set that is imported first.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <vector>

#include "bench/bench_main.h"
#include "bench/point_sets.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <time.h>

#include "store/embedded/embedded_store.h"
#include "store/place_tile.h"

namespace crowfly::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::unique_ptr<Collection> make_collection(const std::string& path, const std::vector<LonLat>& positions) {
    std::vector<Place> places(positions.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
        places[i] = {.id = std::to_string(i),
                     .position = positions[i],
                     .name = fmt::format("place {}", i),
                     .category = fmt::format("category {}", i % 20)};
    }
    PlaceList list(places);
    return EmbeddedStore(path, sqlite::Access::create)
        .create_collection({.name = "places"}, {MetricKind::spheroid}, list);
}

/// The tile of a level that the position is in.
TileAddress tile_at(std::uint32_t zoom, LonLat position) {
    for (TileAddress tile{zoom, 0, 0};; ++tile.x) {
        const TileBounds bounds = TileFrame(tile).bounds();
        if (position.lon > bounds.east) continue;
        while (position.lat < TileFrame(tile).bounds().south) ++tile.y;
        return tile;
    }
}

void run(std::size_t count, int repeats) {
    const auto directory =
        std::filesystem::temp_directory_path() / fmt::format("crowfly_tiles_{}", ::time(nullptr));
    std::filesystem::create_directory(directory);
    const auto positions = clustered_points(count, 1);
    const auto collection = make_collection((directory / "s.gpkg").string(), positions);
    fmt::print("{} places\n{:>5} {:>10} {:>10}\n", count, "zoom", "ms", "bytes");
    for (std::uint32_t zoom = 0; zoom <= 14; ++zoom) {
        const TileAddress tile = tile_at(zoom, positions.front());
        double best = 1e9;
        std::string bytes;
        for (int i = 0; i < repeats; ++i) {
            const auto begin = Clock::now();
            bytes = place_tile(*collection->snapshot(), "places", tile);
            best = std::min(best, std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
        }
        fmt::print("{:>5} {:>10.2f} {:>10}\n", zoom, best, bytes.size());
    }
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace crowfly::bench

int main(int argc, char** argv) {
    CLI::App app("Tiles of a collection, from the whole world down");
    std::size_t count = 2'240'000;
    int repeats = 5;
    app.add_option("--places", count)->capture_default_str();
    app.add_option("--repeats", repeats)->capture_default_str();
    return crowfly::bench::bench_main(app, argc, argv, [&] { crowfly::bench::run(count, repeats); });
}
