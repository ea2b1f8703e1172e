#include "core/join/query_block.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/join/reach.h"

namespace crowfly {
namespace {

constexpr double kNoLimit = std::numeric_limits<double>::infinity();

// Gathering pays for so many queries at least, when they are within this share of their neighbors' distance.
constexpr std::size_t kLeastGathered = 3;
constexpr double kGatheredSpread = 0.3;
constexpr std::size_t kLongestPatience = std::size_t{1} << 20U;

}  // namespace

BlockSearcher::BlockSearcher(const PreparedSide& queries, const ObjectIndex& objects,
                             const JoinOptions& options)
    : queries_(queries),
      objects_(objects),
      options_(options),
      k_(std::min<std::size_t>(options.k, std::max<std::size_t>(objects.size(), 1))),
      searcher_(objects),
      last_found_(objects.part_count()) {}

bool BlockSearcher::search(std::span<const std::uint32_t> rows, std::uint64_t most, QueryBlock& block) {
    QueryBlock next;
    next.ends.reserve(rows.size());
    next.neighbors.reserve(std::max(block.neighbors.size(), rows.size() * std::min<std::size_t>(k_, 64)));
    take_queries(rows);
    gathered_.clear();
    gathered_from_ = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (searcher_.can_gather()) gather_for(i);
        find_neighbors(rows[i], block_queries_[i], block.of(i));
        merge(block.of(i), next.neighbors);
        next.ends.push_back(next.neighbors.size());
        if (next.neighbors.size() > most && rows.size() > 1) return false;
    }
    block = std::move(next);
    return true;
}

/// All at once, as they are far from each other in memory: so the processor waits for many at a time.
void BlockSearcher::take_queries(std::span<const std::uint32_t> rows) {
    block_queries_.clear();
    for (const std::uint32_t row : rows) {
        block_queries_.push_back({queries_.positions()[row], queries_.shape(row)});
    }
    last_position_.reset();
}

void BlockSearcher::step_to(const JoinQuery& query) {
    const bool knows = last_position_ && query.shape == nullptr;
    step_ = knows ? most_distance(options_.metric, *last_position_, query.position) : kNoLimit;
    if (knows && objects_.greatest_coordinate() > 0) {
        rounding_ = objects_.greatest_coordinate();
        for (const LonLat at : {*last_position_, query.position}) {
            rounding_ = std::max(rounding_, std::max(std::abs(at.lon), std::abs(at.lat)));
        }
    }
    last_position_.reset();
    if (query.shape == nullptr) last_position_ = query.position;
}

void BlockSearcher::gather_for(std::size_t number) {
    if (number >= gathered_from_ + gathered_.size()) gather_from(number);
    gathered_query_.reset();
    if (!gathered_.empty()) gathered_query_ = number - gathered_from_;
}

/// Gathers the shapes around a query for itself and for those of its block that follow and are near it. How
/// far their neighbors can be follows from those of the query before.
void BlockSearcher::gather_from(std::size_t number) {
    gathered_.clear();
    gathered_from_ = number;
    const JoinQuery& centre = block_queries_[number];
    const Found& found = last_found_.front();
    const std::size_t wanted =
        k_ + (options_.self.empty() ? 0 : 1) + (options_.ties == Ties::include ? 1 : 0);
    if (waits_ > 0) {
        --waits_;
        return;
    }
    if (!last_position_ || centre.shape != nullptr || found.count < wanted) return;
    const double step = most_distance(options_.metric, *last_position_, centre.position);
    const double near_enough = kGatheredSpread * (found.last + step);
    double spread = 0;
    std::size_t end = number + 1;
    for (; end < block_queries_.size() && block_queries_[end].shape == nullptr; ++end) {
        const double from_centre =
            most_distance(options_.metric, centre.position, block_queries_[end].position);
        if (from_centre > near_enough) break;
        spread = std::max(spread, from_centre);
    }
    if (end - number < kLeastGathered) return;
    // No neighbor of a query is farther from it than the last of the centre's and the way there, and so none
    // is farther from the centre than with that way twice.
    const double rounding = greatest_coordinate(number - 1, end);
    double distance = reach(options_.metric, found.last, step, rounding);
    for (int way = 0; way < 2; ++way) distance = reach(options_.metric, distance, spread, rounding);
    if (distance == kNoLimit) return;
    const double reached = reach(options_.metric, 0, spread, rounding);
    for (std::size_t i = number; i < end; ++i) gathered_.push_back(block_queries_[i].position);
    if (searcher_.gather(gathered_, reached, distance) <= NearShapes::kMostPieces) {
        patience_ = 1;
    } else {
        gathered_.clear();
        waits_ = patience_;
        patience_ = std::min(2 * patience_, kLongestPatience);
    }
}

/// Of shapes and these queries.
double BlockSearcher::greatest_coordinate(std::size_t first, std::size_t last) const {
    double greatest = objects_.greatest_coordinate();
    for (std::size_t i = first; i < last; ++i) {
        const LonLat at = block_queries_[i].position;
        greatest = std::max(greatest, std::max(std::abs(at.lon), std::abs(at.lat)));
    }
    return greatest;
}

/// How far the last of so many neighbors can be at most, as the query before has found as many.
double BlockSearcher::reach_in_part(std::size_t part, std::size_t wanted) const {
    const Found& found = last_found_[part];
    if (step_ == kNoLimit || found.count < wanted) return kNoLimit;
    return reach(options_.metric, found.last, step_, rounding_);
}

/// Leaves those in the index that can come beside those from before.
void BlockSearcher::find_neighbors(std::uint32_t row, const JoinQuery& query,
                                   std::span<const Neighbor> before) {
    const std::uint32_t self = options_.self.empty() ? kNoRow : options_.self[row];
    const double max_distance =
        options_.max_distances.empty() ? options_.max_distance : options_.max_distances[row];
    step_to(query);
    found_.clear();
    for (std::size_t part = 0; part < objects_.part_count(); ++part) {
        find_in_part(part, query, self, std::min(max_distance, distance_to_kth(before, part)));
    }
}

/// One more is searched for when one may be left out, and one more to see whether it ties.
void BlockSearcher::find_in_part(std::size_t part, const JoinQuery& query, std::uint32_t self,
                                 double max_distance) {
    const bool with_ties = options_.ties == Ties::include;
    const std::size_t wanted = k_ + (self != kNoRow ? 1 : 0) + (with_ties ? 1 : 0);
    const std::size_t first = found_.size();
    const NearestOptions nearest{.k = wanted,
                                 .max_distance = std::min(max_distance, reach_in_part(part, wanted)),
                                 .epsilon = with_ties ? 0 : options_.epsilon};
    const std::span<const Neighbor> found = gathered_query_
                                                ? searcher_.nearest_gathered(*gathered_query_, nearest)
                                                : searcher_.nearest(part, query, nearest);
    last_found_[part] = {found.size(), found.empty() ? 0 : found.back().distance};
    keep_others(found, self);
    if (found_.size() <= first + k_) return;
    const double kth = found_[first + k_ - 1].distance;
    if (with_ties && found_[first + k_].distance == kth) {
        found_.resize(first);
        keep_others(searcher_.within(part, query, kth), self);
    } else {
        found_.resize(first + k_);
    }
}

void BlockSearcher::keep_others(std::span<const Neighbor> found, std::uint32_t self) {
    for (const Neighbor& neighbor : found) {
        if (neighbor.row != self) found_.push_back(neighbor);
    }
}

/// Of the neighbors from before that are of the part's value; without end when they are fewer than k.
double BlockSearcher::distance_to_kth(std::span<const Neighbor> before, std::size_t part) const {
    if (before.size() < options_.k) return kNoLimit;
    if (options_.partition.empty()) return before[options_.k - 1].distance;
    const std::uint32_t value = objects_.value(part);
    const auto first = std::partition_point(before.begin(), before.end(), [&](const Neighbor& neighbor) {
        return options_.partition[neighbor.row] < value;
    });
    if (static_cast<std::size_t>(before.end() - first) < options_.k) return kNoLimit;
    const Neighbor& kth = first[static_cast<std::ptrdiff_t>(options_.k - 1)];
    return options_.partition[kth.row] == value ? kth.distance : kNoLimit;
}

bool BlockSearcher::same_value(const Neighbor& a, const Neighbor& b) const {
    return options_.partition.empty() || options_.partition[a.row] == options_.partition[b.row];
}

bool BlockSearcher::comes_before(const Neighbor& a, const Neighbor& b) const {
    if (!same_value(a, b)) return options_.partition[a.row] < options_.partition[b.row];
    return NeighborBefore{options_.order}(a, b);
}

/// Appends the first k of each value, and what ties with the last of them if that is wanted.
void BlockSearcher::merge(std::span<const Neighbor> before, std::vector<Neighbor>& merged) const {
    if (before.empty()) {
        merged.insert(merged.end(), found_.begin(), found_.end());
        return;
    }
    const bool with_ties = options_.ties == Ties::include;
    auto a = before.begin();
    auto b = found_.begin();
    std::size_t of_value = 0;
    const std::size_t first = merged.size();
    while (a != before.end() || b != found_.end()) {
        const bool takes_b = a == before.end() || (b != found_.end() && comes_before(*b, *a));
        const Neighbor& next = takes_b ? *b++ : *a++;
        if (merged.size() > first && !same_value(merged.back(), next)) of_value = 0;
        const bool ties = with_ties && of_value >= options_.k && merged.back().distance == next.distance;
        if (of_value >= options_.k && !ties) continue;
        merged.push_back(next);
        ++of_value;
    }
}

}  // namespace crowfly
