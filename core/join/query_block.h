#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/join/object_index.h"
#include "core/join/prepared_side.h"

namespace crowfly {

/// Some queries that are near each other, and their neighbors so far.
struct QueryBlock {
    std::vector<Neighbor> neighbors;  ///< of one query after the other, in the order of the join
    std::vector<std::size_t> ends;    ///< where those of each query end; empty before the first search

    std::span<const Neighbor> of(std::size_t query) const {
        if (ends.empty()) return {};
        const std::size_t begin = query > 0 ? ends[query - 1] : 0;
        return std::span(neighbors).subspan(begin, ends[query] - begin);
    }
};

/// Searches one ObjectIndex for blocks of queries; belongs to one thread at a time.
class BlockSearcher {
  public:
    BlockSearcher(const PreparedSide& queries, const ObjectIndex& objects, const JoinOptions& options);

    /// Adds the neighbors of the queries `rows`, those of the index beside those that the block has already.
    /// Gives up, and returns false, when two or more queries have more than `most` between them.
    bool search(std::span<const std::uint32_t> rows, std::uint64_t most, QueryBlock& block);

    SearchCounts counts() const { return searcher_.counts(); }

  private:
    /// What the search before tells of the next one in a part: how many it has found, all that it was asked
    /// for, and how far the last is.
    struct Found {
        std::size_t count = 0;
        double last = 0;
    };

    void gather_for(std::size_t number);
    void gather_from(std::size_t number);
    double greatest_coordinate(std::size_t first, std::size_t last) const;
    void take_queries(std::span<const std::uint32_t> rows);
    void step_to(const JoinQuery& query);
    double reach_in_part(std::size_t part, std::size_t wanted) const;
    void find_neighbors(std::uint32_t row, const JoinQuery& query, std::span<const Neighbor> before);
    void find_in_part(std::size_t part, const JoinQuery& query, std::uint32_t self, double max_distance);
    void keep_others(std::span<const Neighbor> found, std::uint32_t self);
    double distance_to_kth(std::span<const Neighbor> before, std::size_t part) const;
    void merge(std::span<const Neighbor> before, std::vector<Neighbor>& merged) const;
    bool comes_before(const Neighbor& a, const Neighbor& b) const;
    bool same_value(const Neighbor& a, const Neighbor& b) const;

    const PreparedSide& queries_;
    const ObjectIndex& objects_;
    const JoinOptions& options_;
    std::size_t k_;
    ObjectSearcher searcher_;
    std::vector<JoinQuery> block_queries_;
    std::optional<LonLat> last_position_;  ///< of the query before, if it was a point in this block
    double step_ = 0;                      ///< how far it is at most from this one; without end when unknown
    double rounding_ = 0;                  ///< as reach has it
    std::vector<Found> last_found_;        ///< by part
    std::vector<LonLat> gathered_;         ///< queries that were gathered for, from this one of the block on:
    std::size_t gathered_from_ = 0;
    std::optional<std::size_t> gathered_query_;  ///< which of them the query is, if any
    std::size_t waits_ = 0;                      ///< so many queries before it is tried again
    std::size_t patience_ = 1;                   ///< how many it waits the next time
    std::vector<Neighbor> found_;                ///< of the query, in the index
};

}  // namespace crowfly
