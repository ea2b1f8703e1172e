#include "store/embedded/row_columns.h"

#include <map>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "store/embedded/category_names.h"
#include "store/embedded/id_map.h"
#include "tests/support/seed.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<Attribute> kHot{{"population", AttributeType::integer},
                                  {"elevation", AttributeType::real},
                                  {"capital", AttributeType::boolean},
                                  {"country", AttributeType::text}};

std::string record_of(const Place& place, std::span<const Attribute> hot = {}, bool has_more = false) {
    std::string record;
    append_row_record(place, hot, has_more, record);
    return record;
}

std::string record_of(const std::string& id) {
    return record_of({.id = id, .name = "the place " + id});
}

TEST(RowRecord, GivesBackWhatItWasMadeOf) {
    const std::vector<Property> properties{{"population", std::int64_t{-1}},
                                           {"elevation", 4421.5},
                                           {"capital", true},
                                           {"country", std::string(300, 'x')}};
    for (std::size_t present = 0; present < 16; ++present) {
        Place place{.id = std::string(present * 100, 'i'), .name = std::string(present * 50, 'n')};
        for (std::size_t i = 0; i < 4; ++i) {
            if ((present >> i) % 2 == 1) place.properties.push_back(properties[i]);
        }
        const std::string bytes = record_of(place, kHot, present % 3 == 0) + "what follows";
        const RowRecord record(bytes.data());
        EXPECT_EQ(record.id(), place.id);
        EXPECT_EQ(record.name(), place.name);
        EXPECT_EQ(record.has_more(), present % 3 == 0);
        EXPECT_EQ(record.bytes(kHot.size()).size(), bytes.size() - 12);
        EXPECT_EQ(checked_record_size(bytes, kHot.size()), bytes.size() - 12);
        Place read;
        record.append_values(kHot, read);
        EXPECT_EQ(read.properties, place.properties);
    }
}

TEST(RowRecord, AnyBytesAreJudged) {
    Place place{
        .id = "id", .name = "name", .properties = {{"country", "LI"s}, {"population", std::int64_t{1}}}};
    const std::string whole = record_of(place, kHot);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_EQ(
            tests::thrown_code([&] { checked_record_size(std::string_view(whole).substr(0, size), 4); }),
            Code::corrupt);
    }
    EXPECT_THROW(checked_record_size("\2\0\0"s, 0), Error) << "flags";
    EXPECT_THROW(checked_record_size("\0\1\xFF\0"s, 0), Error) << "no UTF-8";
    EXPECT_THROW(checked_record_size("\0\1\0\0"s, 0), Error) << "NUL";
    EXPECT_THROW(checked_record_size("\0\0\0\7"s, 1), Error) << "kind";
    EXPECT_THROW(checked_record_size("\0\xFF\xFF\xFF\xFF\xFF\xFF\1"s, 0), Error) << "length";
    EXPECT_EQ(checked_record_size("\0\0\0"s, 0), 3U);
}

TEST(RowColumns, KeepWhatViewsShow) {
    RowColumns rows;
    std::vector<std::uint32_t> numbers;
    for (int i = 0; i < 10'000; ++i)
        numbers.push_back(
            rows.append(i * 10, static_cast<std::uint32_t>(i % 3), record_of(std::to_string(i))));
    const std::uint32_t large = rows.append(-1, 7, record_of(std::string(100'000, 'x')));
    const auto view = rows.view();
    EXPECT_EQ(view, rows.view()) << "as long as there is no other chunk";
    for (int i = 0; i < 10'000; ++i) rows.append(1, 1, record_of("later"));
    for (int i = 0; i < 10'000; ++i) {
        const std::uint32_t row = numbers[static_cast<std::size_t>(i)];
        ASSERT_EQ(view->id(row), std::to_string(i));
        ASSERT_EQ(view->fid(row), i * 10);
        ASSERT_EQ(view->category(row), static_cast<std::uint32_t>(i % 3));
        ASSERT_EQ(view->record(row).name(), "the place " + std::to_string(i));
    }
    EXPECT_EQ(view->id(large).size(), 100'000U);
    EXPECT_EQ(rows.size(), 20'001U);
    EXPECT_GT(rows.memory(), 20'001U * 20 + 100'000);
}

TEST(RowColumns, AChunkOfWhichHalfIsDeadIsScatteredAndThenUsedAgain) {
    constexpr std::size_t kRows = RowChunk::kRows;
    RowColumns rows;
    for (std::size_t i = 0; i < 2 * kRows; ++i) rows.append(0, 0, record_of(std::to_string(i)));
    const auto before = rows.view();
    for (std::uint32_t row = 0; row < kRows / 2 - 1; ++row) rows.bury(row);
    EXPECT_FALSE(rows.any_scattered());
    rows.bury(kRows / 2 - 1);
    EXPECT_TRUE(rows.any_scattered());
    EXPECT_EQ(rows.scattered().size(), kRows / 2);
    EXPECT_EQ(rows.scattered().front(), kRows / 2);
    rows.revive(0);
    EXPECT_THAT(rows.scattered(), IsEmpty());
    rows.bury(0);
    for (const std::uint32_t row : rows.scattered()) rows.bury(row);
    EXPECT_FALSE(rows.any_scattered()) << "nothing is left there";
    EXPECT_NE(rows.view(), before);
    EXPECT_EQ(rows.append(5, 0, record_of("new")), 0U) << "the numbers are free";
    EXPECT_EQ(rows.view()->id(0), "new");
    EXPECT_EQ(before->id(0), "0") << "a view stays as it is";
    EXPECT_EQ(rows.size(), kRows + 1);
}

TEST(IdMap, IsAMapWhateverHappens) {
    tests::Random random;
    RowColumns rows;
    IdMap ids(rows);
    std::map<std::string, std::uint32_t> expected;
    for (int i = 0; i < 50'000; ++i) {
        const std::string id = std::to_string(random.below(3000));
        const auto known = expected.find(id);
        ASSERT_EQ(ids.find(id), known == expected.end() ? std::nullopt : std::optional(known->second));
        if (known != expected.end()) {
            ids.erase(known->second);
            rows.bury(known->second);
            expected.erase(known);
        }
        if (random.below(3) == 0) continue;
        const std::uint32_t row = rows.append(i, 0, record_of(id));
        ids.insert(row);
        expected.emplace(id, row);
    }
    const IdMap anew(rows);
    for (const auto& [id, row] : expected) {
        ASSERT_EQ(ids.find(id), row);
        ASSERT_EQ(anew.find(id), row);
    }
    EXPECT_EQ(ids.find("nobody"), std::nullopt);
}

TEST(CategoryNames, AreFoundByOthersWhileMoreCome) {
    constexpr std::uint32_t kNames = 20'000;
    CategoryNames names;
    std::atomic<std::uint32_t> published = 0;
    std::jthread reader([&] {
        for (std::uint32_t seen = 0; seen < kNames;) {
            seen = published;
            for (std::uint32_t i = 0; i < seen; i += 97) {
                ASSERT_EQ(names.find(std::to_string(i)), i);
                ASSERT_EQ(names[i], std::to_string(i));
            }
            EXPECT_FALSE(names.find("none"));
        }
    });
    for (std::uint32_t i = 0; i < kNames; ++i) {
        ASSERT_EQ(names.add(std::to_string(i)), i);
        ASSERT_EQ(names.add(std::to_string(i / 2)), i / 2);
        published = i + 1;
    }
}

}  // namespace
}  // namespace crowfly
