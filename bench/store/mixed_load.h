#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bench/store/latencies.h"

#include "core/lonlat.h"

namespace crowfly::bench {

struct PlaceMove {
    std::uint32_t place;
    LonLat to;
};

/// A system that is searched and written at the same time. Each reader and each writer is a thread, which
/// uses only what is its own by its number.
class MixedSystem {
  public:
    MixedSystem() = default;
    MixedSystem(const MixedSystem&) = delete;
    MixedSystem& operator=(const MixedSystem&) = delete;
    virtual ~MixedSystem() = default;

    /// The 10 nearest of one of the queries.
    virtual void search(std::size_t reader, std::size_t query) = 0;

    /// Moves places, all or none; returns when that is on disk.
    virtual void move(std::size_t writer, std::span<const PlaceMove> moves) = 0;

    /// Whether a search finds a place where it was moved to.
    virtual bool sees(std::size_t writer, const PlaceMove& move) = 0;
};

struct MixedPlan {
    static constexpr std::size_t kReaders = 2;
    static constexpr std::size_t kWriters = 8;
    static constexpr std::size_t kBatch = 100;  ///< moves that are written together

    std::vector<LonLat> places;
    std::size_t queries = 0;  ///< how many there are to choose from
    double idle_seconds = 10;
    double seconds = 60;
    std::size_t rate = 20'000;
};

struct MixedResult {
    Latencies idle;            ///< of searches while nothing is written
    Latencies loaded;          ///< of searches while places move
    Latencies written;         ///< from when a batch was due to when it was on disk
    Latencies seen;            ///< from when a batch was due to when a search had found it
    std::uint64_t unseen = 0;  ///< moves that a search after them did not find
    double moves_a_second = 0;
    std::uint64_t bytes_before = 0;  ///< of memory of this process
    std::uint64_t bytes_most = 0;
    std::uint64_t bytes_after = 0;
};

/// Searches without a pause, first alone, then while batches are written: each is due at its time, whether or
/// not those before it are done.
MixedResult run_mixed(MixedSystem& system, const MixedPlan& plan);

}  // namespace crowfly::bench
