#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace crowfly {

/// Sets of the numbers 0 to size - 1 that any number of threads may unite at the same time. A number points
/// to a lesser one of its set, and the least one to itself: so which number stands for a set does not depend
/// on the order of the unions. As in S. V. Jayanti, R. E. Tarjan, "Concurrent disjoint set union",
/// Distributed Computing 34 (2021), doi:10.1007/s00446-020-00388-x, with the numbers as their priorities.
class DisjointSets {
  public:
    explicit DisjointSets(std::size_t size) : parents_(size) {
        for (std::size_t i = 0; i < size; ++i) set_parent(i, i);
    }

    /// Makes `number`, which is still alone, point to `first`, which is not greater. Not while others unite.
    void put_below(std::uint32_t number, std::uint32_t first) { set_parent(number, first); }

    /// The number that stands for the set; while others unite, one that did a moment ago.
    std::uint32_t find(std::uint32_t number) {
        for (;;) {
            const std::uint32_t parent = parents_[number].load(std::memory_order_relaxed);
            if (parent == number) return number;
            const std::uint32_t next = parents_[parent].load(std::memory_order_relaxed);
            // Whatever has stood above a number belongs to its set for ever, so this can do no harm.
            if (next != parent) parents_[number].store(next, std::memory_order_relaxed);
            number = next;
        }
    }

    /// Whether it is known to belong to the set of `root`, without looking far.
    bool points_to(std::uint32_t number, std::uint32_t root) const {
        return parents_[number].load(std::memory_order_relaxed) == root;
    }

    void unite(std::uint32_t a, std::uint32_t b) {
        for (;;) {
            a = find(a);
            b = find(b);
            if (a == b) return;
            if (a < b) std::swap(a, b);
            std::uint32_t alone = a;
            if (parents_[a].compare_exchange_strong(alone, b, std::memory_order_relaxed)) return;
        }
    }

  private:
    void set_parent(std::size_t number, std::size_t parent) {
        parents_[number].store(static_cast<std::uint32_t>(parent), std::memory_order_relaxed);
    }

    std::vector<std::atomic<std::uint32_t>> parents_;
};

}  // namespace crowfly
