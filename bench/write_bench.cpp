// Times writes to a collection, each on disk before it returns, beside a plain loop of SQLite over the same
// table, in turns; then looks whether both have stored the same.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/bench_main.h"
#include "bench/point_sets.h"
#include "bench/systems/peer_process.h"
#include "bench/table.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <time.h>

#include "core/error.h"
#include "core/executor.h"
#include "formats/gpkg_geometry.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/geopackage.h"
#include "store/embedded/place_table.h"

namespace crowfly::bench {
namespace {

struct Options : CommonOptions {
    Options() : CommonOptions{.output = "build/bench/write.json", .data = ""} {}

    int repeats = 5;
    std::size_t rows_a_commit = 0;  ///< of one thread alone; 0: all loads
};

/// How many rows are written, how many of them a commit has, and by how many threads at a time.
struct Load {
    std::size_t rows;
    std::size_t rows_a_commit;
    std::size_t threads = 1;
};

std::vector<Place> random_places(std::size_t count) {
    const std::vector<LonLat> positions = clustered_points(count, 1);
    std::vector<Place> places(count);
    for (std::size_t i = 0; i < count; ++i) {
        places[i] = {.id = random_uuid(),
                     .position = positions[i],
                     .name = fmt::format("place {}", i),
                     .category = fmt::format("category {}", i % 20),
                     .properties = {{"note", std::string("some words")}}};
    }
    return places;
}

/// What anyone would write who has SQLite and the table.
class PlainLoop {
  public:
    explicit PlainLoop(const std::string& path) : database_(path, sqlite::Access::create) {
        database_.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
        sqlite::Transaction transaction(database_);
        geopackage::create_tables(database_);
        PlaceTable::create(database_, {.name = "places"});
        transaction.commit();
    }

    void insert(std::span<const Place> places, std::size_t rows_a_commit) {
        sqlite::Statement statement(
            database_,
            "INSERT INTO places (id, name, category, geometry, properties) VALUES (?1, ?2, ?3, ?4, ?5)");
        commit_by(places, rows_a_commit, [&](const Place& place) {
            statement.bind(1, place.id).bind(2, place.name).bind(3, place.category);
            statement.bind(4, std::span<const std::byte>(encode_gpkg_point(place.position, 4326)));
            statement.bind(5, std::string_view(R"({"note":"some words"})")).run();
        });
    }

    void move(std::span<const Place> places, std::size_t rows_a_commit) {
        sqlite::Statement statement(database_, "UPDATE places SET geometry = ?1 WHERE id = ?2");
        commit_by(places, rows_a_commit, [&](const Place& place) {
            statement.bind(1, std::span<const std::byte>(encode_gpkg_point(place.position, 4326)));
            statement.bind(2, place.id).run();
        });
    }

    std::int64_t count() {
        sqlite::Statement statement(database_, "SELECT count(*) FROM places");
        return statement.step() ? statement.integer(0) : 0;
    }

  private:
    void commit_by(std::span<const Place> places, std::size_t rows_a_commit,
                   const std::function<void(const Place&)>& write) {
        for (std::size_t begin = 0; begin < places.size(); begin += rows_a_commit) {
            database_.execute("BEGIN IMMEDIATE");
            for (const Place& place : places.subspan(begin, std::min(rows_a_commit, places.size() - begin)))
                write(place);
            database_.execute("COMMIT");
        }
    }

    sqlite::Database database_;
};

class Crowfly {
  public:
    Crowfly(const std::string& path, Executor& executor) {
        PlaceList none({});
        collection_ = EmbeddedStore(path, sqlite::Access::create, {.executor = &executor})
                          .create_collection({.name = "places"}, {MetricKind::spheroid}, none);
    }

    void insert(std::span<const Place> places, const Load& load) {
        write(places, load, [](const Place& place) { return Change(Upsert{place}); });
    }

    void move(std::span<const Place> places, const Load& load) {
        write(places, load, [](const Place& place) { return Change(Move{place.id, place.position}); });
    }

    std::int64_t count() const { return static_cast<std::int64_t>(collection_->count()); }

  private:
    void write(std::span<const Place> places, const Load& load,
               const std::function<Change(const Place&)>& change) {
        std::vector<std::jthread> threads;
        const std::size_t share = places.size() / load.threads;
        for (std::size_t i = 0; i < load.threads; ++i) {
            threads.emplace_back([&, own = places.subspan(i * share, share)] {
                for (std::size_t begin = 0; begin < own.size(); begin += load.rows_a_commit) {
                    std::vector<Change> batch;
                    const std::size_t count = std::min(load.rows_a_commit, own.size() - begin);
                    batch.reserve(count);
                    for (const Place& place : own.subspan(begin, count)) batch.push_back(change(place));
                    collection_->write(std::move(batch));
                }
            });
        }
    }

    std::unique_ptr<Collection> collection_;
};

/// What work costs: the least of some repeats, in microseconds a row.
struct Cost {
    double wall = std::numeric_limits<double>::infinity();
    double processor = std::numeric_limits<double>::infinity();  ///< of all threads

    void repeat(std::size_t rows, const std::function<void()>& work) {
        const auto start = std::chrono::steady_clock::now();
        const double before = processor_time();
        work();
        const auto n = static_cast<double>(rows);
        processor = std::min(processor, (processor_time() - before) / n);
        wall = std::min(
            wall,
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() / n);
    }

  private:
    static double processor_time() {
        timespec time{};
        ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
    }
};

class WriteBench {
  public:
    explicit WriteBench(const Options& options) : options_(options) {}

    void run(const Load& load) {
        const std::vector<Place> places = random_places(load.rows);
        std::vector<Place> moved = random_places(load.rows);
        for (std::size_t i = 0; i < moved.size(); ++i) moved[i].id = places[(i * 7919) % places.size()].id;
        Cost plain_insert, plain_move, insert, move;
        for (int repeat = 0; repeat < (options_.quick ? 1 : options_.repeats); ++repeat) {
            const ExchangeDirectory directory;
            PlainLoop plain(directory.file("plain.gpkg"));
            Crowfly crowfly(directory.file("crowfly.gpkg"), executor_);
            plain_insert.repeat(load.rows, [&] { plain.insert(places, load.rows_a_commit); });
            insert.repeat(load.rows, [&] { crowfly.insert(places, load); });
            plain_move.repeat(load.rows, [&] { plain.move(moved, load.rows_a_commit); });
            move.repeat(load.rows, [&] { crowfly.move(moved, load); });
            if (plain.count() != crowfly.count()) throw Error(Code::internal, "the stores differ");
        }
        add("insert", load, plain_insert, insert);
        add("move", load, plain_move, move);
    }

    const std::vector<Row>& rows() const { return rows_; }

  private:
    void add(const std::string& work, const Load& load, const Cost& plain, const Cost& crowfly) {
        const std::string how = load.threads == 1 ? fmt::format("{}, {} a commit", work, load.rows_a_commit)
                                                  : fmt::format("{}, {} threads", work, load.threads);
        add(how, load, "crowfly", crowfly.wall);
        add(how, load, "plain SQLite", plain.wall);
        add(how + ": processor", load, "crowfly", crowfly.processor);
        add(how + ": processor", load, "plain SQLite", plain.processor);
        fmt::print(stderr, "bench: {}: {:.0f} rows/s, plain SQLite {:.0f}\n", how, 1e6 / crowfly.wall,
                   1e6 / plain.wall);
    }

    void add(const std::string& work, const Load& load, const std::string& system, double value) {
        Row row;
        row.suite = "write";
        row.work = work;
        row.n = load.rows;
        row.system = system;
        row.value = value;
        row.unit = "us a row";
        rows_.push_back(row);
    }

    const Options& options_;
    ThreadExecutor executor_{std::max(1U, std::thread::hardware_concurrency())};
    std::vector<Row> rows_;
};

void run(const Options& options) {
    WriteBench bench(options);
    const std::size_t part = options.quick ? 10 : 1;
    for (const Load& load : {Load{2000, 1}, Load{16'000, 1, 16}, Load{100'000, 100}, Load{500'000, 10'000}}) {
        if (options.rows_a_commit != 0 && (load.rows_a_commit != options.rows_a_commit || load.threads != 1))
            continue;
        bench.run({load.rows / part, load.rows_a_commit, load.threads});
    }
    print(bench.rows());
    write_json(bench.rows(), options.output);
}

}  // namespace
}  // namespace crowfly::bench

int main(int argc, char** argv) {
    CLI::App app("Times writes beside a plain loop of SQLite.", "write_bench");
    crowfly::bench::Options options;
    options.add_to(app, "Not used");
    app.add_option("--repeats", options.repeats, "Of each load; the least time counts");
    app.add_option("--rows-a-commit", options.rows_a_commit, "Only this load, of one thread");
    return crowfly::bench::bench_main(app, argc, argv, [&] { crowfly::bench::run(options); });
}
