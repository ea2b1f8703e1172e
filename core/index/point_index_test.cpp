#include "core/index/point_index.h"

#include <cstring>
#include <filesystem>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/index/index_format.h"
#include "core/index/memory.h"
#include "core/search/searcher.h"
#include "tests/support/seed.h"
#include "tests/support/shapes.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

constexpr MetricKind kMetrics[] = {MetricKind::plane, MetricKind::sphere, MetricKind::spheroid};

std::vector<LonLat> scattered(std::size_t count) {
    tests::Random random;
    std::vector<LonLat> points;
    for (std::size_t i = 0; i < count; ++i)
        points.push_back({random.uniform(-180, 180), random.uniform(-90, 90)});
    return points;
}

/// An index of every section: ids and two attributes.
PointIndex full_index(const std::vector<LonLat>& points, MetricKind metric) {
    std::vector<std::int64_t> ids;
    std::vector<std::uint32_t> thirds, sparse;
    for (std::size_t row = 0; row < points.size(); ++row) {
        ids.push_back(static_cast<std::int64_t>(points.size()) * 7 - static_cast<std::int64_t>(row));
        thirds.push_back(static_cast<std::uint32_t>(row % 3) * 1000);
        sparse.push_back(row % 50 == 7 ? static_cast<std::uint32_t>(row) : 0xFFFFFFFF);
    }
    return PointIndex({.positions = points, .ids = ids, .attributes = {thirds, sparse}}, metric);
}

/// A copy at a place where an index may be.
class Copy {
  public:
    explicit Copy(std::span<const std::byte> bytes) : size_(bytes.size()), memory_(index_memory(size_)) {
        std::memcpy(memory_.get(), bytes.data(), size_);
    }
    std::span<std::byte> bytes() { return {memory_.get(), size_}; }

    template <class Value>
    Value get(std::size_t at) {
        Value value;
        std::memcpy(&value, memory_.get() + at, sizeof value);
        return value;
    }
    template <class Value>
    void put(std::size_t at, Value value) {
        std::memcpy(memory_.get() + at, &value, sizeof value);
    }
    /// What an attacker does after a change.
    void forge_checksum() { put(offsetof(IndexHeader, checksum), checksum_of(bytes())); }

    std::string refusal() {
        return tests::thrown_text([this] { PointIndex::of_bytes(bytes()); });
    }

  private:
    std::size_t size_;
    std::shared_ptr<std::byte[]> memory_;
};

TEST(PointIndex, IsTheSameFromAFile) {
    const tests::TemporaryDirectory directory;
    const auto points = scattered(3000);
    for (const MetricKind metric : kMetrics) {
        const PointIndex built = full_index(points, metric);
        built.save(directory.path("index"));
        const PointIndex loaded = PointIndex::load(directory.path("index"));
        ASSERT_EQ(loaded.bytes().size(), built.bytes().size());
        EXPECT_EQ(std::memcmp(loaded.bytes().data(), built.bytes().data(), built.bytes().size()), 0);
        EXPECT_EQ(loaded.metric(), metric);
        EXPECT_EQ(loaded.size(), points.size());
        EXPECT_EQ(loaded.attribute_count(), 2U);
        EXPECT_EQ(loaded.id(17), built.id(17));
        Searcher of_built(built);
        Searcher of_loaded(loaded);
        for (const SearchOptions& search :
             {SearchOptions{}, SearchOptions{.where = AttributeValue{0, 2000}}}) {
            const auto expected = of_built.nearest({10, 50}, {.k = 40}, search);
            const auto found = of_loaded.nearest({10, 50}, {.k = 40}, search);
            EXPECT_TRUE(std::equal(found.begin(), found.end(), expected.begin(), expected.end()));
        }
    }
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path("")), {}), 1)
        << "something is left beside the index";
}

TEST(PointIndex, OfAnySizeIsTheSameFromBytes) {
    for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 128U, 129U, 1025U}) {
        const auto points = scattered(size);
        for (const MetricKind metric : kMetrics) {
            Copy copy(full_index(points, metric).bytes());
            EXPECT_EQ(PointIndex::of_bytes(copy.bytes()).size(), size);
        }
    }
}

TEST(PointIndex, ALengthThatIsNotItsOwnIsRefused) {
    const auto points = scattered(200);
    const PointIndex index = full_index(points, MetricKind::spheroid);
    for (std::size_t size = 0; size < index.bytes().size(); size += size < 200 ? 1 : 37) {
        Copy copy(index.bytes().first(size));
        EXPECT_EQ(tests::thrown_code([&] { PointIndex::of_bytes(copy.bytes()); }), Code::corrupt) << size;
    }
}

TEST(PointIndex, AnyAlteredByteIsRefused) {
    const auto points = scattered(200);
    const PointIndex index = full_index(points, MetricKind::sphere);
    for (std::size_t at = 0; at < index.bytes().size(); ++at) {
        Copy copy(index.bytes());
        copy.bytes()[at] ^= std::byte{0x10};
        const auto code = tests::thrown_code([&] { PointIndex::of_bytes(copy.bytes()); });
        ASSERT_TRUE(code == Code::corrupt || code == Code::unsupported) << "byte " << at;
    }
}

TEST(PointIndex, AChangeIsRefusedAlsoWithAForgedChecksum) {
    const auto points = scattered(300);
    for (const MetricKind metric : kMetrics) {
        const PointIndex index = full_index(points, metric);
        tests::Random random;
        for (int trial = 0; trial < 4000; ++trial) {
            Copy copy(index.bytes());
            const std::size_t at = random.below(index.bytes().size());
            if (at >= offsetof(IndexHeader, checksum) && at < offsetof(IndexHeader, points)) continue;
            copy.bytes()[at] ^= std::byte{0x40};
            copy.forge_checksum();
            // A bit of a coordinate, an id or a value may change into another that is as good.
            const auto code = tests::thrown_code([&] {
                const PointIndex changed = PointIndex::of_bytes(copy.bytes());
                Searcher searcher(changed);
                searcher.nearest({3, 4}, {.k = 20});
            });
            ASSERT_TRUE(!code || code == Code::corrupt || code == Code::unsupported) << "byte " << at;
        }
    }
}

TEST(PointIndex, SaysWhatIsWrongWithAFile) {
    const auto points = scattered(300);
    const PointIndex index(points, MetricKind::plane);
    const IndexLayout layout = [&] {
        IndexHeader header;
        std::memcpy(&header, index.bytes().data(), sizeof header);
        const TreeEntry entry{TreeEntry::kAllRows, 0, header.points};
        return IndexLayout::of(header, std::span(&entry, 1));
    }();
    const auto refusal = [&](auto change) {
        Copy copy(index.bytes());
        change(copy);
        copy.forge_checksum();
        return copy.refusal();
    };
    const std::size_t row = layout.trees[0].leaves_at + offsetof(TreeLeaf<2>, rows);
    EXPECT_EQ(refusal([](Copy& copy) { copy.put(0, 'x'); }),
              "corrupt not a crowfly index: it does not begin with the name");
    EXPECT_EQ(refusal([](Copy& copy) { copy.put(8, std::uint32_t{2}); }),
              "unsupported index of version 2; this program reads version 1");
    EXPECT_EQ(refusal([&](Copy& copy) { copy.put(row, std::uint32_t{300}); }),
              "corrupt tree 0: row 300 is not there");
    EXPECT_THAT(refusal([&](Copy& copy) { copy.put(row, copy.get<std::uint32_t>(row + 4)); }),
                testing::MatchesRegex("corrupt tree 0: row [0-9]+ is there twice"));
    EXPECT_THAT(refusal([&](Copy& copy) {
                    copy.put(layout.trees[0].leaves_at, std::numeric_limits<double>::quiet_NaN());
                }),
                testing::HasSubstr("has no possible position"));
    EXPECT_EQ(refusal([&](Copy& copy) { copy.put(layout.trees[0].nodes_at, 12.5F); }),
              "corrupt tree 0: level 0, node 0: the box of child 0 is not that of its points");
    EXPECT_EQ(Copy(index.bytes()).refusal(), "no error");
}

TEST(PointIndex, FilesThatAreNoneHaveTheirErrors) {
    const tests::TemporaryDirectory directory;
    EXPECT_EQ(tests::thrown_code([&] { PointIndex::load(directory.path("absent")); }), Code::not_found);
    EXPECT_EQ(tests::thrown_code([&] { PointIndex::load(directory.path("")); }), Code::io);
    const std::string text = directory.file("text", "these are not the bytes of an index\n");
    EXPECT_EQ(tests::thrown_code([&] { PointIndex::load(text); }), Code::corrupt);
    EXPECT_NE(tests::thrown_text([&] { PointIndex::load(text); }).find(text), std::string::npos);
    EXPECT_EQ(tests::thrown_code([&] { PointIndex::load(directory.file("empty", "")); }), Code::corrupt);
    const std::vector<LonLat> points{{0, 0}};
    const PointIndex index(points, MetricKind::plane);
    EXPECT_EQ(tests::thrown_code([&] { index.save(directory.path("absent/index")); }), Code::not_found);
}

TEST(PointIndex, RefusesColumnsThatDoNotFit) {
    const auto points = scattered(5);
    const std::vector<std::int64_t> twice{1, 5, 3, 5, 4};
    const std::vector<std::int64_t> few{1, 2};
    const std::vector<std::uint32_t> many(6, 0);
    const auto build = [&](const PointColumns& columns) {
        return tests::thrown_text([&] { PointIndex(columns, MetricKind::plane); });
    };
    EXPECT_EQ(build({.positions = points, .ids = twice}), "invalid_argument rows 1 and 3 have the same id 5");
    EXPECT_EQ(build({.positions = points, .ids = few}), "invalid_argument ids has 2 values for 5 positions");
    EXPECT_EQ(build({.positions = points, .attributes = {many}}),
              "invalid_argument attribute 0 has 6 values for 5 positions");
}

TEST(PointIndex, TakesAtMost40BytesAPointOnTheSpheroidIdsIncluded) {
    const auto points = scattered(100'000);
    std::vector<std::int64_t> ids(points.size());
    for (std::size_t row = 0; row < ids.size(); ++row) ids[row] = static_cast<std::int64_t>(row) * 3;
    const PointIndex index({.positions = points, .ids = ids}, MetricKind::spheroid);
    EXPECT_LT(index.bytes().size(), 40 * points.size());
}

TEST(PointIndex, NamesThePointThatItRefuses) {
    const std::vector<LonLat> points{{0, 0}, {1, 1}, {0, std::numeric_limits<double>::quiet_NaN()}};
    for (const MetricKind metric : kMetrics) {
        EXPECT_EQ(tests::thrown_text([&] { PointIndex(points, metric); }),
                  "invalid_argument point 2: nan is not a finite number");
    }
}

}  // namespace
}  // namespace crowfly
