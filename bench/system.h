#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/lonlat.h"
#include "core/metric/metric.h"

namespace crowfly::bench {

/// What is asked for each query.
struct Work {
    enum class Kind {
        nearest,              ///< answer: distance of the farthest neighbor found, -1 when there is none
        within_distance,      ///< answer: how many neighbors
        nearest_of_category,  ///< nearest among the points of the query's category
    };
    Kind kind = Kind::nearest;
    std::size_t k = 1;
    double max_distance = 0;      ///< of within_distance: metres, on the plane the coordinates' unit
    std::size_t passed_over = 0;  ///< of nearest_of_category: about so many places of others are nearer
};

/// How many queries time the work well, and in a second or so, for a system that looks at all it passes over.
constexpr std::size_t most_queries_passing_over(const Work& work) {
    return std::clamp<std::size_t>(5'000'000 / std::max<std::size_t>(1, work.passed_over), 50, 1'000'000);
}

/// Queries in the order in which they are asked.
struct Queries {
    std::string order;  ///< "random" or "hilbert"
    std::vector<LonLat> positions;
    std::vector<std::uint32_t> categories;  ///< one for each position, or none
};

/// What it cost to have the index.
struct BuildCost {
    std::string kind;  ///< "fast" or "best" where a system has more than one; else empty
    double seconds = std::numeric_limits<double>::infinity();
    std::size_t bytes = 0;  ///< kept by the index and by the points that it needs to answer; 0 when unknown
};

/// crowfly or a peer, with the points of one set indexed for one metric. Searches in one thread.
class System {
  public:
    System(std::string name, std::vector<BuildCost> builds)
        : name_(std::move(name)), builds_(std::move(builds)) {}
    System(const System&) = delete;
    System& operator=(const System&) = delete;
    virtual ~System() = default;

    const std::string& name() const noexcept { return name_; }

    /// Searches run on the last of them.
    const std::vector<BuildCost>& builds() const noexcept { return builds_; }

    virtual bool can(Work::Kind kind) const = 0;

    /// So many queries are enough to time the work, for a system that is slow at it.
    virtual std::size_t most_queries(const Work& /*work*/) const {
        return std::numeric_limits<std::size_t>::max();
    }

    /// Gives point i the category categories[i], for nearest_of_category.
    virtual void use_categories(const std::vector<std::uint32_t>& /*categories*/) {}

    /// Does the work for every query and puts its answer into `answers`; returns the microseconds of all.
    virtual double run(const Work& work, const Queries& queries, std::vector<double>& answers) = 0;

  private:
    std::string name_;
    std::vector<BuildCost> builds_;
};

using Systems = std::vector<std::unique_ptr<System>>;

}  // namespace crowfly::bench
