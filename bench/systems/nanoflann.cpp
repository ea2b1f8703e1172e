#include <algorithm>
#include <cmath>
#include <utility>

#include "bench/in_process.h"
#include "bench/systems/systems.h"
#include <nanoflann.hpp>

namespace crowfly::bench {
namespace {

struct PointColumns {
    const std::vector<LonLat>& points;
    std::size_t kdtree_get_point_count() const { return points.size(); }
    double kdtree_get_pt(std::size_t row, std::size_t dimension) const {
        return dimension == 0 ? points[row].lon : points[row].lat;
    }
    template <class Box>
    bool kdtree_get_bbox(Box& /*box*/) const {
        return false;
    }
};

using Found = nanoflann::KNNResultSet<double, std::uint32_t>;

/// Lets only the rows of one category into the k nearest.
class FoundOfCategory {
  public:
    FoundOfCategory(Found& found, const std::vector<std::uint32_t>& categories, std::uint32_t category)
        : found_(found), categories_(categories), category_(category) {}

    std::size_t size() const { return found_.size(); }
    bool full() const { return found_.full(); }
    double worstDist() const { return found_.worstDist(); }
    bool addPoint(double square, std::uint32_t row) {
        return categories_[row] != category_ || found_.addPoint(square, row);
    }

  private:
    Found& found_;
    const std::vector<std::uint32_t>& categories_;
    std::uint32_t category_;
};

class NanoflannIndex {
  public:
    explicit NanoflannIndex(const std::vector<LonLat>& points)
        : columns_{points}, tree_(2, columns_, nanoflann::KDTreeSingleIndexAdaptorParams(10)) {
        tree_.buildIndex();
    }

    double nearest(LonLat query, std::size_t k) {
        const double at[2]{query.lon, query.lat};
        reserve(k);
        const std::size_t found = tree_.knnSearch(at, k, rows_.data(), squares_.data());
        return found == 0 ? -1 : std::sqrt(squares_[found - 1]);
    }

    std::size_t within_distance(LonLat query, double max_distance) {
        const double at[2]{query.lon, query.lat};
        constexpr bool kSorted = false;
        return tree_.radiusSearch(at, max_distance * max_distance, within_,
                                  nanoflann::SearchParams(32, 0, kSorted));
    }

    void use_categories(const std::vector<std::uint32_t>& categories) { categories_ = categories; }

    double nearest_of_category(LonLat query, std::size_t k, std::uint32_t category) {
        const double at[2]{query.lon, query.lat};
        reserve(k);
        Found found(k);
        found.init(rows_.data(), squares_.data());
        FoundOfCategory eligible(found, categories_, category);
        tree_.findNeighbors(eligible, at, nanoflann::SearchParams());
        return found.size() == 0 ? -1 : std::sqrt(squares_[found.size() - 1]);
    }

  private:
    using Tree = nanoflann::KDTreeSingleIndexAdaptor<nanoflann::L2_Simple_Adaptor<double, PointColumns>,
                                                     PointColumns, 2, std::uint32_t>;

    void reserve(std::size_t k) {
        if (rows_.size() >= k) return;
        rows_.resize(k);
        squares_.resize(k);
    }

    PointColumns columns_;
    Tree tree_;
    std::vector<std::uint32_t> rows_;
    std::vector<double> squares_;
    std::vector<std::pair<std::uint32_t, double>> within_;
    std::vector<std::uint32_t> categories_;
};

}  // namespace

std::unique_ptr<System> nanoflann_system(const std::vector<LonLat>& points, int repeats) {
    BuildCost build;
    auto index = timed_build(
        repeats, [&] { return std::make_unique<NanoflannIndex>(points); }, build);
    // The tree refers to the caller's points.
    build.bytes += points.size() * sizeof(LonLat);
    return std::make_unique<InProcess<NanoflannIndex>>("nanoflann", std::vector{build}, std::move(index),
                                                       most_queries_passing_over);
}

}  // namespace crowfly::bench
