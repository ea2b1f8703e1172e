// Writes what bench/service/run.py serves and asks for: DIRECTORY/places.csv, and DIRECTORY/queries.csv with
// a number, longitude and latitude in each line.

#include <fstream>

#include "bench/bench_main.h"
#include "bench/point_sets.h"
#include "bench/store/store_places.h"
#include <fmt/ostream.h>

int main(int argc, char** argv) {
    using namespace crowfly::bench;
    CLI::App app("Writes places, and positions to search from, as comma-separated text.",
                 "write_service_places");
    std::string directory;
    std::size_t places = 0;
    std::size_t queries = 0;
    app.add_option("DIRECTORY", directory)->required();
    app.add_option("PLACES", places)->required();
    app.add_option("QUERIES", queries)->required();
    return bench_main(app, argc, argv, [&] {
        write_places(directory + "/places.csv", clustered_points(places, 1), Ids::numbers, false);
        std::ofstream file(directory + "/queries.csv");
        std::size_t number = 0;
        for (const crowfly::LonLat query : clustered_points(queries, 2))
            fmt::print(file, "{},{:.7f},{:.7f}\n", number++, query.lon, query.lat);
        if (!file.flush()) throw std::runtime_error(directory + "/queries.csv could not be written");
    });
}
