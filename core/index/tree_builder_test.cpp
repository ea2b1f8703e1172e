#include "core/index/tree_builder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include "core/metric/box.h"
#include "core/metric/plane.h"
#include "core/metric/sphere.h"
#include "core/metric/spheroid.h"
#include "tests/support/seed.h"
#include "tests/support/shapes.h"

namespace crowfly {
namespace {

constexpr Build kBuilds[] = {Build::fast, Build::best};
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr std::uint32_t kNoRow = std::numeric_limits<std::uint32_t>::max();

template <class T>
bool same_bytes(std::span<const T> a, std::span<const T> b) {
    return std::ranges::equal(std::as_bytes(a), std::as_bytes(b));
}

void spoil(std::span<std::byte> bytes) {
    std::ranges::fill(bytes, std::byte{0x5A});
}

template <std::size_t D>
struct BuiltTree {
    std::size_t points = 0;
    std::vector<TreeNode<D>> nodes;
    std::vector<TreeLeaf<D>> leaves;

    PackedTree<D> view() const { return {points, nodes.data(), leaves.data()}; }

    friend bool operator==(const BuiltTree& a, const BuiltTree& b) {
        return same_bytes<TreeNode<D>>(a.nodes, b.nodes) && same_bytes<TreeLeaf<D>>(a.leaves, b.leaves);
    }
};

/// Built over bytes that are wrong everywhere.
template <class M>
BuiltTree<M::kDimensions> built(std::span<const LonLat> positions, Build build,
                                Executor& executor = serial_executor(),
                                std::span<const std::uint32_t> rows = {}) {
    constexpr std::size_t D = M::kDimensions;
    BuiltTree<D> tree;
    tree.points = rows.empty() ? positions.size() : rows.size();
    const TreeShape shape = TreeShape::of(tree.points);
    tree.nodes.resize(shape.nodes());
    tree.leaves.resize(shape.leaves);
    spoil(std::as_writable_bytes(std::span(tree.nodes)));
    spoil(std::as_writable_bytes(std::span(tree.leaves)));
    build_tree<M>(positions, rows, build, executor, tree.nodes, tree.leaves);
    return tree;
}

/// Every point stands once, where its row says it is; what is not there is at infinity.
template <class M>
void expect_all_points(const BuiltTree<M::kDimensions>& tree, std::span<const LonLat> positions,
                       std::vector<std::uint32_t> rows) {
    std::vector<std::uint32_t> found;
    std::size_t misplaced = 0;
    std::array<double, M::kDimensions> nowhere;
    nowhere.fill(kInf);
    for (std::size_t slot = 0; slot < tree.leaves.size() * kLeafSize; ++slot) {
        const auto point = tree.view().point(slot);
        const std::uint32_t row = tree.view().row(slot);
        if (slot < tree.points) {
            misplaced += row >= positions.size() || point != M::embed(positions[row]) ? 1 : 0;
            found.push_back(row);
        } else {
            misplaced += row != kNoRow || point != nowhere ? 1 : 0;
        }
    }
    ASSERT_EQ(misplaced, 0U);
    std::sort(found.begin(), found.end());
    std::sort(rows.begin(), rows.end());
    ASSERT_TRUE(found == rows) << "not every row is there once";
}

template <std::size_t D>
Box<D> leaf_box(const BuiltTree<D>& tree, std::size_t leaf) {
    Box<D> box = Box<D>::empty();
    for (std::size_t slot = leaf * kLeafSize; slot < std::min(tree.points, (leaf + 1) * kLeafSize); ++slot) {
        box.grow(tree.view().point(slot));
    }
    return box;
}

template <std::size_t D>
Box<D> node_box(const TreeNode<D>& node) {
    Box<D> box = Box<D>::empty();
    for (std::size_t d = 0; d < D; ++d) {
        box.min[d] = *std::min_element(node.min[d].begin(), node.min[d].end());
        box.max[d] = *std::max_element(node.max[d].begin(), node.max[d].end());
    }
    return box;
}

/// Every child's box is the least one around its points or its children.
template <std::size_t D>
void expect_boxes(const BuiltTree<D>& tree) {
    const TreeShape shape = TreeShape::of(tree.points);
    for (std::size_t level = 0; level < shape.levels; ++level) {
        const std::size_t nodes = shape.level_begin[level + 1] - shape.level_begin[level];
        std::size_t wrong = 0;
        for (std::size_t child = 0; child < nodes * kFanOut; ++child) {
            Box<D> box = Box<D>::empty();
            if (child < shape.children_of_level(level)) {
                box = level == 0 ? leaf_box(tree, child) : node_box(tree.view().node(level - 1, child));
            }
            const TreeNode<D>& node = tree.view().node(level, child / kFanOut);
            for (std::size_t d = 0; d < D; ++d) {
                wrong += node.min[d][child % kFanOut] != box.min[d] ? 1 : 0;
                wrong += node.max[d][child % kFanOut] != box.max[d] ? 1 : 0;
            }
        }
        ASSERT_EQ(wrong, 0U) << "sides on level " << level;
    }
}

template <class M>
void expect_whole(std::span<const LonLat> positions, const std::string& what) {
    std::vector<std::uint32_t> all(positions.size());
    std::iota(all.begin(), all.end(), 0U);
    for (const Build build : kBuilds) {
        SCOPED_TRACE(what + (build == Build::fast ? ", fast, " : ", best, ") + std::string(name(M::kKind)));
        const auto tree = built<M>(positions, build);
        expect_all_points<M>(tree, positions, all);
        expect_boxes(tree);
    }
}

void expect_whole_on_earth(std::span<const LonLat> positions, const std::string& what) {
    expect_whole<Plane>(positions, what);
    expect_whole<Sphere>(positions, what);
    expect_whole<Spheroid>(positions, what);
}

std::vector<LonLat> scattered(std::size_t count, double reach = 1) {
    tests::Random random;
    std::vector<LonLat> points(count);
    for (LonLat& p : points) {
        p = {random.uniform(-180, 180) * reach, random.uniform(-90, 90) * reach};
    }
    return points;
}

TEST(TreeBuilder, EverySizeAroundABorder) {
    const std::vector<LonLat> points = scattered(20'000);
    for (const std::size_t size :
         {0U,    1U,    2U,    15U,   16U,   17U,   31U,   32U,   33U,    127U,   128U,   129U,
          1023U, 1024U, 1025U, 4097U, 8191U, 8192U, 8193U, 8209U, 16384U, 16385U, 20'000U}) {
        expect_whole_on_earth(std::span(points).first(size), std::to_string(size) + " points");
    }
}

TEST(TreeBuilder, HurtfulShapes) {
    for (const tests::Shape& shape : tests::hurtful_shapes()) expect_whole_on_earth(shape.points, shape.name);
}

// None of these must take more than a moment.
TEST(TreeBuilder, AMillionPointsWhereTheyHurt) {
    constexpr std::size_t kMillion = 1'000'000;
    const std::vector<LonLat> base = scattered(kMillion);
    const auto changed = [&](const std::string& what, auto change) {
        std::vector<LonLat> points = base;
        for (std::size_t i = 0; i < kMillion; ++i) change(i, points[i]);
        expect_whole<Spheroid>(points, what);
        expect_whole<Plane>(points, what);
    };
    changed("identical", [](std::size_t, LonLat& p) { p = {-118.291995, 36.578581}; });
    changed("one meridian", [](std::size_t, LonLat& p) { p.lon = 30; });
    changed("one parallel", [](std::size_t, LonLat& p) { p.lat = -45; });
    changed("at the north pole", [](std::size_t, LonLat& p) { p.lat = 90; });
    changed("half of them identical", [](std::size_t i, LonLat& p) {
        if (i % 2 == 0) p = {10, 50};
    });
    changed("whole degrees", [](std::size_t, LonLat& p) { p = {std::round(p.lon), std::round(p.lat)}; });
    changed("zeros of both signs", [](std::size_t i, LonLat& p) {
        p = {i % 2 == 0 ? 0.0 : -0.0, i % 3 == 0 ? 0.0 : -0.0};
    });
    changed("a hundred specks", [](std::size_t i, LonLat& p) {
        p = {static_cast<double>(i % 10) * 30 + p.lon * 1e-5,
             static_cast<double>(i / 10 % 10) * 8 + p.lat * 1e-5};
        p.lon -= 140;
    });
    changed("a speck and one far away", [](std::size_t i, LonLat& p) {
        p = i == 77'777 ? LonLat{100, -80} : LonLat{12 + p.lon * 1e-9, 47 + p.lat * 1e-9};
    });
    changed("ever closer to a point", [](std::size_t i, LonLat& p) {
        const double nearer = std::exp(-700.0 * static_cast<double>(i) / kMillion);
        p = {p.lon * nearer, p.lat * nearer};
    });
}

TEST(TreeBuilder, PlanarCoordinatesOfAllSizes) {
    const std::vector<LonLat> base = scattered(30'000);
    const auto changed = [&](const std::string& what, auto change) {
        std::vector<LonLat> points = base;
        for (std::size_t i = 0; i < points.size(); ++i) change(i, points[i]);
        expect_whole<Plane>(points, what);
    };
    changed("up to 1e100", [](std::size_t, LonLat& p) { p = {p.lon / 180 * 1e100, p.lat / 90 * 1e100}; });
    changed("corners at 1e100", [](std::size_t, LonLat& p) {
        p = {std::copysign(1e100, p.lon), std::copysign(1e100, p.lat)};
    });
    changed("some at 1e100", [](std::size_t i, LonLat& p) {
        if (i % 1000 == 0) p = {1e100, -1e100};
    });
    changed("denormal", [](std::size_t, LonLat& p) { p = {p.lon * 1e-310, p.lat * 1e-310}; });
    changed("next to nothing", [](std::size_t, LonLat& p) { p = {p.lon * 1e-198, p.lat * 1e-198}; });
    changed("next to each other", [](std::size_t, LonLat& p) {
        p = {p.lon > 0 ? 1e10 : std::nextafter(1e10, 0), p.lat > 0 ? 1e10 : std::nextafter(1e10, 0)};
    });
}

TEST(TreeBuilder, SomeRowsOfMany) {
    const std::vector<LonLat> points = scattered(50'000);
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 3; row < points.size(); row += 3) rows.push_back(row);
    for (const Build build : kBuilds) {
        for (const std::size_t count : {std::size_t{1}, std::size_t{100}, rows.size()}) {
            const auto some = std::span(rows).first(count);
            const auto tree = built<Spheroid>(points, build, serial_executor(), some);
            expect_all_points<Spheroid>(tree, points, {some.begin(), some.end()});
            expect_boxes(tree);
        }
    }
}

TEST(TreeBuilder, EqualPointsStandInTheOrderOfRows) {
    const std::vector<LonLat> points(20'000, LonLat{7, 8});
    for (const Build build : kBuilds) {
        const auto tree = built<Spheroid>(points, build);
        for (std::uint32_t slot = 0; slot < points.size(); ++slot) ASSERT_EQ(tree.view().row(slot), slot);
    }
}

template <class M>
void expect_same_bytes_at_every_width(std::span<const LonLat> points) {
    for (const Build build : kBuilds) {
        const auto tree = built<M>(points, build);
        for (const std::size_t width : {1U, 2U, 3U}) {
            ThreadExecutor executor(width);
            EXPECT_TRUE(tree == built<M>(points, build, executor)) << name(M::kKind) << " width " << width;
        }
    }
}

TEST(TreeBuilder, TheSameBytesAtEveryWidth) {
    const std::vector<LonLat> points = scattered(300'000);
    expect_same_bytes_at_every_width<Plane>(points);
    expect_same_bytes_at_every_width<Sphere>(points);
    expect_same_bytes_at_every_width<Spheroid>(points);
}

/// Points of several kinds, so many that both builds do all that they can.
std::vector<LonLat> mixed_points() {
    std::vector<LonLat> points = scattered(60'000);
    for (std::size_t i = 0; i < points.size(); ++i) {
        LonLat& p = points[i];
        if (i % 4 == 1) p = {std::round(p.lon), std::round(p.lat)};
        if (i % 4 == 2) p = {12 + p.lon * 1e-9, 47 + p.lat * 1e-9};
        if (i % 64 == 3) p = {-0.0, 0.0};
    }
    return points;
}

template <class M>
std::vector<BuiltTree<M::kDimensions>> trees_of_all_kinds(std::span<const LonLat> points) {
    std::vector<BuiltTree<M::kDimensions>> trees;
    for (const Build build : kBuilds) {
        trees.push_back(built<M>(points, build));
        trees.push_back(built<M>(points.first(1003), build));
    }
    return trees;
}

TEST(TreeBuilder, TheSameBytesOnEveryKindOfProcessorThatThisOneCanStandInFor) {
    const std::vector<LonLat> points = mixed_points();
    const auto plane = trees_of_all_kinds<Plane>(points);
    const auto sphere = trees_of_all_kinds<Sphere>(points);
    const auto spheroid = trees_of_all_kinds<Spheroid>(points);
    std::size_t kinds = 0;
    for (std::int64_t rest = hwy::SupportedTargets(); rest != 0; rest &= rest - 1) {
        hwy::SetSupportedTargetsForTest(rest & -rest);
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
        ++kinds;
        SCOPED_TRACE(hwy::TargetName(rest & -rest));
        EXPECT_TRUE(plane == trees_of_all_kinds<Plane>(points));
        EXPECT_TRUE(sphere == trees_of_all_kinds<Sphere>(points));
        EXPECT_TRUE(spheroid == trees_of_all_kinds<Spheroid>(points));
    }
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    EXPECT_GT(kinds, 1U) << "only one kind of processor was tried";
}

}  // namespace
}  // namespace crowfly
