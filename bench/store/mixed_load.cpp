#include "bench/store/mixed_load.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <memory>
#include <random>
#include <thread>

#include "bench/store/program.h"

namespace crowfly::bench {
namespace {

using Clock = std::chrono::steady_clock;

Clock::duration seconds(double count) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(count));
}

/// In [low, high).
double uniform(std::mt19937_64& engine, double low, double high) {
    return low + (high - low) * static_cast<double>(engine() >> 11U) * 0x1p-53;
}

/// Searches from all readers until the time is over, or `stop`.
Latencies search(MixedSystem& system, std::size_t queries, const std::function<bool()>& is_over) {
    std::array<Latencies, MixedPlan::kReaders> latencies;
    {
        std::vector<std::jthread> readers;
        for (std::size_t reader = 0; reader < MixedPlan::kReaders; ++reader) {
            readers.emplace_back([&, reader] {
                std::mt19937_64 engine(reader + 1);
                while (!is_over()) {
                    const std::size_t query = engine() % queries;
                    const auto start = Clock::now();
                    system.search(reader, query);
                    latencies[reader].add(Clock::now() - start);
                }
            });
        }
    }
    for (std::size_t reader = 1; reader < MixedPlan::kReaders; ++reader) latencies[0].add(latencies[reader]);
    return latencies[0];
}

/// One of the threads that write: every kWriters-th batch, of the places with numbers of its own.
class Writer {
  public:
    Writer(MixedSystem& system, const MixedPlan& plan, std::vector<LonLat>& positions, std::size_t number)
        : system_(system), plan_(plan), positions_(positions), number_(number), engine_(100 + number) {}

    void run(Clock::time_point start) {
        const double interval = static_cast<double>(MixedPlan::kBatch) / static_cast<double>(plan_.rate);
        for (std::size_t batch = number_;; batch += MixedPlan::kWriters) {
            const auto due = start + seconds(interval * static_cast<double>(batch));
            if (due >= start + seconds(plan_.seconds) || Clock::now() >= start + seconds(plan_.seconds))
                return;
            std::this_thread::sleep_until(due);
            const std::vector<PlaceMove> moves = next_moves();
            system_.move(number_, moves);
            written.add(Clock::now() - due);
            moved += moves.size();
            // The last place of a batch has no later move in it.
            unseen += system_.sees(number_, moves.back()) ? 0 : 1;
            seen.add(Clock::now() - due);
        }
    }

    Latencies written;
    Latencies seen;
    std::uint64_t moved = 0;
    std::uint64_t unseen = 0;

  private:
    std::vector<PlaceMove> next_moves() {
        constexpr double kFarthest = 0.01;  // degrees, about a kilometre
        std::vector<PlaceMove> moves(MixedPlan::kBatch);
        const std::size_t own = plan_.places.size() / MixedPlan::kWriters;
        for (PlaceMove& move : moves) {
            move.place = static_cast<std::uint32_t>(engine_() % own * MixedPlan::kWriters + number_);
            LonLat& position = positions_[move.place];
            position.lon = std::clamp(position.lon + uniform(engine_, -kFarthest, kFarthest), -180.0, 180.0);
            position.lat = std::clamp(position.lat + uniform(engine_, -kFarthest, kFarthest), -85.0, 85.0);
            move.to = position;
        }
        return moves;
    }

    MixedSystem& system_;
    const MixedPlan& plan_;
    std::vector<LonLat>& positions_;
    std::size_t number_;
    std::mt19937_64 engine_;
};

}  // namespace

MixedResult run_mixed(MixedSystem& system, const MixedPlan& plan) {
    MixedResult result;
    const auto idle_end = Clock::now() + seconds(plan.idle_seconds);
    result.idle = search(system, plan.queries, [&] { return Clock::now() >= idle_end; });

    result.bytes_before = result.bytes_most = resident_bytes();
    std::vector<LonLat> positions = plan.places;
    std::vector<std::unique_ptr<Writer>> writers;
    for (std::size_t number = 0; number < MixedPlan::kWriters; ++number)
        writers.push_back(std::make_unique<Writer>(system, plan, positions, number));
    std::atomic<std::size_t> at_work = MixedPlan::kWriters;
    const auto start = Clock::now();
    {
        std::vector<std::jthread> threads;
        for (const auto& writer : writers) {
            threads.emplace_back([&, start] {
                writer->run(start);
                --at_work;
            });
        }
        threads.emplace_back([&] {
            while (at_work > 0) {
                std::this_thread::sleep_for(std::chrono::milliseconds(200));
                result.bytes_most = std::max(result.bytes_most, resident_bytes());
            }
        });
        result.loaded = search(system, plan.queries, [&] { return at_work == 0; });
    }
    const double lasted = std::chrono::duration<double>(Clock::now() - start).count();
    result.bytes_after = resident_bytes();
    std::uint64_t moved = 0;
    for (const auto& writer : writers) {
        result.written.add(writer->written);
        result.seen.add(writer->seen);
        result.unseen += writer->unseen;
        moved += writer->moved;
    }
    result.moves_a_second = static_cast<double>(moved) / lasted;
    return result;
}

}  // namespace crowfly::bench
