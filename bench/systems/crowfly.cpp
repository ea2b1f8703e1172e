#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bench/in_process.h"
#include "bench/systems/systems.h"

#include "core/search/searcher.h"

namespace crowfly::bench {
namespace {

double farthest(std::span<const Neighbor> found) {
    return found.empty() ? -1 : found.back().distance;
}

class CrowflyIndex {
  public:
    CrowflyIndex(std::unique_ptr<PointIndex> index, const std::vector<LonLat>& points)
        : points_(points), index_(std::move(index)), searcher_(std::make_unique<Searcher>(*index_)) {}

    double nearest(LonLat query, std::size_t k) { return farthest(searcher_->nearest(query, {.k = k})); }

    std::size_t within_distance(LonLat query, double max_distance) {
        return searcher_->within_distance(query, max_distance).size();
    }

    /// Declares the categories as an attribute, which makes an index with a tree for each.
    void use_categories(const std::vector<std::uint32_t>& categories) {
        index_ = std::make_unique<PointIndex>(PointColumns{.positions = points_, .attributes = {categories}},
                                              index_->metric());
        searcher_ = std::make_unique<Searcher>(*index_);
    }

    double nearest_of_category(LonLat query, std::size_t k, std::uint32_t category) {
        return farthest(searcher_->nearest(query, {.k = k},
                                           {.where = AttributeValue{.attribute = 0, .value = category}}));
    }

  private:
    const std::vector<LonLat>& points_;
    std::unique_ptr<PointIndex> index_;
    std::unique_ptr<Searcher> searcher_;
};

}  // namespace

std::unique_ptr<System> crowfly_system(MetricKind metric, const std::vector<LonLat>& points, int repeats) {
    using Make = std::function<std::unique_ptr<PointIndex>()>;
    // Searches run on the last.
    const std::pair<std::string, Make> kinds[] = {
        {"fast",
         [&] { return std::make_unique<PointIndex>(points, metric, BuildOptions{.build = Build::fast}); }},
        {"best",
         [&] { return std::make_unique<PointIndex>(points, metric, BuildOptions{.build = Build::best}); }},
    };
    std::vector<BuildCost> builds;
    std::unique_ptr<PointIndex> index;
    for (const auto& [kind, make] : kinds) {
        index.reset();
        index = timed_build(repeats, make, builds.emplace_back(BuildCost{.kind = kind}));
    }
    return std::make_unique<InProcess<CrowflyIndex>>(
        "crowfly", std::move(builds), std::make_unique<CrowflyIndex>(std::move(index), points));
}

}  // namespace crowfly::bench
