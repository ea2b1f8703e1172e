// Times searches among lines and polygons beside shapely and PostGIS, in one thread, and only where all give
// the same distances: geographies to 0.6 percent, as PostGIS measures otherwise (docs/accuracy.md). Peers are
// processes of their own: bench/peers/shape_peers.py says what they are asked.

#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "bench/bench_main.h"
#include "bench/point_sets.h"
#include "bench/systems/peer_process.h"
#include "bench/table.h"
#include "bench/wkt_column.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "core/error.h"
#include "core/search/searcher.h"
#include "core/search/shape_searcher.h"
#include "formats/wkt.h"

namespace crowfly::bench {
namespace {

struct Options : CommonOptions {
    Options() : CommonOptions{.output = "build/bench/shapes.json", .data = "../shared/data/geom"} {}
};

Geometry circle(std::size_t vertices) {
    GeometryBuilder builder;
    builder.begin(GeometryType::polygon);
    builder.add_part();
    builder.add_sequence();
    LonLat first{};
    for (std::size_t i = 0; i < vertices; ++i) {
        const double angle = 6.283185307179586 * static_cast<double>(i) / static_cast<double>(vertices);
        // Not quite round, so that there is something to find.
        const double radius = 10 + 0.5 * std::sin(200 * angle);
        const LonLat vertex{10 + radius * std::cos(angle), 40 + radius * std::sin(angle)};
        if (i == 0) first = vertex;
        builder.add_position(vertex);
    }
    builder.add_position(first);
    builder.end();
    return builder.finish();
}

/// shapely or PostGIS with the shapes of one set.
class Peer {
  public:
    Peer(const Options& options, const std::string& kind, const std::vector<Geometry>& shapes) {
        std::ofstream file(directory_.file("shapes.wkt"));
        write_all(file, shapes);
        process_ = std::make_unique<PeerProcess>(std::vector<std::string>{options.peers + "/venv/bin/python",
                                                                          "bench/peers/shape_peers.py", kind,
                                                                          directory_.path().string()});
        std::string line;
        ready_ = process_->read_line(line) && line == "ready";
    }

    bool ready() const { return ready_; }

    /// Microseconds for all queries, and the distance of the k-th neighbor of each.
    double nearest(const std::vector<Geometry>& queries, std::size_t k, std::vector<double>& answers) {
        {
            std::ofstream file(directory_.file("queries.wkt"));
            write_all(file, queries);
        }
        process_->write_line(fmt::format("nearest {}", k));
        std::string line;
        if (!process_->read_line(line)) throw std::runtime_error("a peer has ended without an answer");
        answers.resize(queries.size());
        std::ifstream file(directory_.file("answers.f64"), std::ios::binary);
        file.read(reinterpret_cast<char*>(answers.data()),
                  static_cast<std::streamsize>(answers.size() * sizeof(double)));
        if (!file) throw std::runtime_error("a peer has left too few answers");
        return std::stod(line);
    }

  private:
    static void write_all(std::ofstream& file, const std::vector<Geometry>& shapes) {
        std::string text;
        for (const Geometry& shape : shapes) {
            text.clear();
            write_wkt(shape, text);
            file << text << '\n';
        }
    }

    ExchangeDirectory directory_;
    std::unique_ptr<PeerProcess> process_;
    bool ready_ = false;
};

double microseconds(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

/// What a peer's distances may be off by: PostGIS takes the geography that is nearest on a sphere, which is
/// out by up to the flattening and a half, and measures to the point of it that is nearest on a sphere.
double tolerance(MetricKind metric, double distance) {
    return metric == MetricKind::plane ? 1e-9 + 1e-9 * distance : 1 + 6e-3 * distance;
}

struct Work {
    std::string name;
    const std::vector<Geometry>& shapes;
    std::vector<Geometry> queries;
    std::size_t k;
    std::size_t peer_queries;  ///< for PostGIS; a hundred times as many for shapely
};

class ShapesBench {
  public:
    explicit ShapesBench(const Options& options) : options_(options), repeats_(options.quick ? 1 : 3) {}

    void run(const Work& work) {
        for (const MetricKind metric : {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid}) {
            fmt::print(stderr, "bench: {}, {}\n", work.name, name(metric));
            std::optional<ShapeIndex> index;
            const double build = microseconds([&] { index.emplace(work.shapes, metric); });
            add("build " + work.name, metric, work, "crowfly", build / 1e3, "ms", 0);
            std::vector<double> expected(work.queries.size());
            double least = std::numeric_limits<double>::infinity();
            for (int i = 0; i < repeats_; ++i) {
                ShapeSearcher searcher(*index);
                least = std::min(least, microseconds([&] { search(searcher, work, expected); }));
            }
            const auto count = static_cast<double>(work.queries.size());
            add(work.name, metric, work, "crowfly", least / count, "us/query", work.queries.size());
            if (metric == MetricKind::plane) {
                if (work.k == 1) peer(work, metric, "shapely", 100 * work.peer_queries, expected);
                peer(work, metric, "postgis-geometry", work.peer_queries, expected);
            } else if (metric == MetricKind::spheroid) {
                peer(work, metric, "postgis-geography", work.peer_queries, expected);
            }
        }
    }

    /// Whether the one shape holds each position, and how much of a search among points that takes.
    void run_contains(const std::string& name_of_work, const std::vector<Geometry>& shapes,
                      const std::vector<LonLat>& positions) {
        for (const MetricKind metric : {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid}) {
            const ShapeIndex index(shapes, metric);
            ShapeSearcher searcher(index);
            std::vector<bool> held(positions.size());
            const double least = least_microseconds([&] {
                for (std::size_t i = 0; i < positions.size(); ++i) {
                    held[i] = !searcher.within_distance(positions[i], 0).empty();
                }
            });
            require_held(shapes, metric, positions, held, searcher);
            add(name_of_work + " contains", metric, {name_of_work, shapes, {}, 1, 0}, "crowfly",
                least / static_cast<double>(positions.size()), "us/query", positions.size());
        }
    }

    /// Rows of the shapes' vertices alone beside both.
    void run_vertices(const std::string& name_of_work, const std::vector<Geometry>& shapes,
                      const std::vector<LonLat>& positions) {
        const std::span<const LonLat> among = shapes.at(0).positions();
        for (const MetricKind metric : {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid}) {
            const PointIndex index(among, metric);
            Searcher searcher(index);
            const double least = least_microseconds([&] {
                for (const LonLat at : positions) searcher.nearest(at, {.k = 1});
            });
            for (const char* work : {"", " contains"}) {
                add(name_of_work + work, metric, {name_of_work, shapes, {}, 1, 0}, "its vertices",
                    least / static_cast<double>(positions.size()), "us/query", positions.size());
            }
        }
    }

    std::vector<Row>& rows() { return rows_; }

  private:
    double least_microseconds(const std::function<void()>& work) const {
        double least = std::numeric_limits<double>::infinity();
        for (int i = 0; i < repeats_; ++i) least = std::min(least, microseconds(work));
        return least;
    }

    /// What holds a position is at distance 0 from it; for some, by measuring every edge.
    static void require_held(const std::vector<Geometry>& shapes, MetricKind metric,
                             const std::vector<LonLat>& positions, const std::vector<bool>& held,
                             ShapeSearcher& searcher) {
        constexpr std::size_t kScanned = 20;
        for (std::size_t i = 0; i < positions.size(); ++i) {
            const double distance =
                i < kScanned ? scan_nearest_shapes(shapes, metric, Geometry::point(positions[i]), {.k = 1})
                                   .at(0)
                                   .distance
                             : searcher.nearest(positions[i], {.k = 1})[0].distance;
            if (held[i] != (distance == 0)) {
                throw Error(Code::internal, fmt::format("{}: position {} is at distance {}, but {}held",
                                                        name(metric), i, distance, held[i] ? "" : "not "));
            }
        }
    }

    static void search(ShapeSearcher& searcher, const Work& work, std::vector<double>& distances) {
        for (std::size_t i = 0; i < work.queries.size(); ++i) {
            const Geometry& query = work.queries[i];
            const auto found = query.type() == GeometryType::point
                                   ? searcher.nearest(query.positions()[0], {.k = work.k})
                                   : searcher.nearest(query, {.k = work.k});
            distances[i] = found.back().distance;
        }
    }

    void peer(const Work& work, MetricKind metric, const std::string& kind, std::size_t count,
              const std::vector<double>& expected) {
        Peer system(options_, kind, work.shapes);
        if (!system.ready()) {
            fmt::print(stderr, "bench: {} is skipped: it did not start\n", kind);
            return;
        }
        count = std::min(count, work.queries.size());
        const std::vector<Geometry> queries(work.queries.begin(),
                                            work.queries.begin() + static_cast<std::ptrdiff_t>(count));
        std::vector<double> found;
        double least = std::numeric_limits<double>::infinity();
        double farthest_off = 0;
        for (int i = 0; i < repeats_; ++i) {
            least = std::min(least, system.nearest(queries, work.k, found));
            for (std::size_t q = 0; q < count; ++q) {
                const double off = std::abs(found[q] - expected[q]);
                farthest_off = std::max(farthest_off, off);
                if (off <= tolerance(metric, expected[q])) continue;
                throw Error(Code::internal,
                            fmt::format("{}, {}: {} gives {} for query {}, crowfly {}", work.name,
                                        name(metric), kind, found[q], q, expected[q]));
            }
            if (least > 5e6) break;
        }
        fmt::print(stderr, "bench: {} differs by at most {:.3g}\n", kind, farthest_off);
        add(work.name, metric, work, kind, least / static_cast<double>(count), "us/query", count);
    }

    void add(const std::string& name_of_work, MetricKind metric, const Work& work, const std::string& system,
             double value, const std::string& unit, std::size_t queries) {
        Row row;
        row.suite = "shapes";
        row.work = name_of_work;
        row.metric = name(metric);
        row.k = unit == "ms" ? 0 : work.k;
        row.n = work.shapes.size();
        row.system = system;
        row.value = value;
        row.unit = unit;
        row.queries = queries;
        rows_.push_back(row);
    }

    const Options& options_;
    int repeats_;
    std::vector<Row> rows_;
};

std::vector<Geometry> points(const std::vector<LonLat>& positions) {
    std::vector<Geometry> shapes;
    for (const LonLat position : positions) shapes.push_back(Geometry::point(position));
    return shapes;
}

/// A million vertices of an edge that goes to and fro, so that all of them are level with the same
/// longitudes. No edge is longer than a piece.
Geometry zigzag(std::size_t vertices) {
    GeometryBuilder builder;
    builder.begin(GeometryType::polygon);
    builder.add_part();
    builder.add_sequence();
    builder.add_position({9.8, 30});
    for (std::size_t i = 0; i < vertices; ++i) {
        const double along = static_cast<double>(i) / static_cast<double>(vertices - 1);
        builder.add_position({i % 2 == 0 ? 10 : 10.2, 30 + 20 * along});
    }
    builder.add_position({9.8, 50});
    builder.add_position({9.8, 30});
    builder.end();
    return builder.finish();
}

/// How far a polygon of a million vertices is, and whether it holds a point; and beside it a search among its
/// vertices alone.
void run_huge(const Options& options, const std::string& name, const Geometry& polygon, LonLat reach,
              ShapesBench& bench) {
    const std::vector<Geometry> huge{polygon};
    const std::size_t count = options.quick ? 2'000 : 100'000;
    std::vector<LonLat> positions;
    for (const LonLat at : uniform_points(count, 9)) {
        positions.push_back({10 + at.lon / 180 * reach.lon, 40 + at.lat / 90 * reach.lat});
    }
    bench.run({name, huge, points(positions), 1, 20});
    bench.run_contains(name, huge, positions);
    bench.run_vertices(name, huge, positions);
}

void run(const Options& options) {
    ShapesBench bench(options);
    std::vector<Geometry> lakes, counties;
    for (const char* name : {"ne10_coastline", "ne10_rivers", "ne10_lakes", "us_counties_10m"}) {
        const std::string path = fmt::format("{}/{}.tsv.gz", options.data, name);
        if (!std::ifstream(path)) {
            fmt::print(stderr, "bench: {} is skipped: {} is not there\n", name, path);
            continue;
        }
        const std::vector<Geometry> shapes = shapes_of(path, Crs::wgs84);
        const std::size_t count = options.quick ? 2'000 : 100'000;
        bench.run({name, shapes, points(uniform_points(count, 7)), 1, options.quick ? 5U : 50U});
        if (std::string_view(name) == "ne10_lakes") lakes = shapes;
        if (std::string_view(name) == "us_counties_10m") counties = shapes;
    }
    if (!lakes.empty() && !counties.empty()) {
        bench.run({"counties to lakes", lakes, counties, 3, options.quick ? 5U : 100U});
    }
    const std::size_t vertices = options.quick ? 50'000 : 1'000'000;
    run_huge(options, "one round polygon", circle(vertices), {12, 11.25}, bench);
    run_huge(options, "one zigzag polygon", zigzag(vertices), {0.4, 11}, bench);
    print(bench.rows());
    write_json(bench.rows(), options.output);
}

}  // namespace
}  // namespace crowfly::bench

int main(int argc, char** argv) {
    CLI::App app("Times searches among lines and polygons beside their peers.", "shapes_bench");
    crowfly::bench::Options options;
    options.add_to(app, "The directory of the shapes");
    return crowfly::bench::bench_main(app, argc, argv, [&] { crowfly::bench::run(options); });
}
