#pragma once

#include <map>
#include <vector>

#include "core/live/live_row.h"
#include "core/live/live_snapshot.h"
#include "tests/support/seed.h"

namespace crowfly::tests {

/// Where the rows of a history are, and what they are.
struct LiveScene {
    LonLat middle = {10, 50};
    double spread = 2;        ///< degrees
    bool on_lattice = false;  ///< positions tie
    double shapes = 0;        ///< the share of rows that are lines, polygons and the like
    std::size_t attributes = 0;
    std::size_t rows = 150;  ///< row numbers are below this
};

/// Rows that come, move and go at random, and which of them there are.
class LiveHistory {
  public:
    LiveHistory(Random& random, const LiveScene& scene) : random_(random), scene_(scene) {}

    /// What one write changes; some rows come twice, some erased ones are not there.
    struct Write {
        std::vector<LiveRow> upserts;
        std::vector<std::uint32_t> erased;
    };
    Write next(std::size_t most);

    const std::map<std::uint32_t, LiveRow>& rows() const { return rows_; }
    LiveColumns columns() const;

    LonLat any_position();

  private:
    LiveRow any_row(std::uint32_t row);

    Random& random_;
    LiveScene scene_;
    std::map<std::uint32_t, LiveRow> rows_;
};

/// Fails unless the snapshot has these rows and no others.
void expect_rows(const LiveSnapshot& snapshot, const std::map<std::uint32_t, LiveRow>& rows);

}  // namespace crowfly::tests
