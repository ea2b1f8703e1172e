#include "service/entity_tag.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/problem.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using Field = boost::beast::http::field;
using testing::MatchesRegex;

const std::string kTag = "\"1\"";

Preconditions conditions(std::initializer_list<std::pair<Field, const char*>> fields) {
    boost::beast::http::fields all;
    for (const auto& [name, value] : fields) all.insert(name, value);
    return Preconditions({.fields = &all});
}

/// The status of the refusal; 0 when there is none.
int refusal_of(const Preconditions& conditions, const std::optional<std::string>& tag) {
    try {
        conditions.require(tag);
    } catch (const StatusError& refusal) {
        return refusal.status();
    }
    return 0;
}

TEST(EntityTag, SaysWhetherAPlaceIsTheSame) {
    Place place{.id = "a", .position = {1, 2}, .name = "A", .properties = {{"n", std::int64_t{1}}}};
    const std::string tag = entity_tag(place);
    EXPECT_THAT(tag, MatchesRegex("\"[0-9a-f]{32}\""));
    EXPECT_EQ(tag, entity_tag(place));
    Place other = place;
    other.position.lon = std::nextafter(1, 2);
    EXPECT_NE(tag, entity_tag(other));
    other = place;
    other.properties[0].value = std::int64_t{2};
    EXPECT_NE(tag, entity_tag(other));
    other = place;
    other.category = "c";
    EXPECT_NE(tag, entity_tag(other));
}

TEST(EntityTag, IfMatchHoldsForOneOfItsTags) {
    EXPECT_EQ(refusal_of(conditions({}), kTag), 0);
    EXPECT_EQ(refusal_of(conditions({{Field::if_match, "\"1\""}}), kTag), 0);
    EXPECT_EQ(refusal_of(conditions({{Field::if_match, "\"0\" , \"1\""}}), kTag), 0);
    EXPECT_EQ(refusal_of(conditions({{Field::if_match, "\"0\""}, {Field::if_match, "\"1\""}}), kTag), 0);
    EXPECT_EQ(refusal_of(conditions({{Field::if_match, "*"}}), kTag), 0);
    EXPECT_EQ(refusal_of(conditions({{Field::if_match, "\"0\",\"a,b\""}}), kTag), 412);
    EXPECT_EQ(refusal_of(conditions({{Field::if_match, "W/\"1\""}}), kTag), 412) << "a weak tag fits nothing";
    EXPECT_EQ(refusal_of(conditions({{Field::if_match, "\"1\""}}), std::nullopt), 412);
    EXPECT_EQ(refusal_of(conditions({{Field::if_match, "*"}}), std::nullopt), 412);
}

TEST(EntityTag, IfNoneMatchHoldsWhereNothingIsLikeIt) {
    EXPECT_EQ(refusal_of(conditions({{Field::if_none_match, "*"}}), std::nullopt), 0);
    EXPECT_EQ(refusal_of(conditions({{Field::if_none_match, "*"}}), kTag), 412);
    EXPECT_EQ(refusal_of(conditions({{Field::if_none_match, "\"0\""}}), kTag), 0);
    EXPECT_EQ(refusal_of(conditions({{Field::if_none_match, "\"1\""}}), kTag), 412);
    EXPECT_TRUE(conditions({{Field::if_none_match, "\"0\", W/\"1\""}}).is_known(kTag));
    EXPECT_FALSE(conditions({{Field::if_none_match, "\"0\""}}).is_known(kTag));
    EXPECT_FALSE(conditions({}).is_known(kTag));
    EXPECT_THROW(conditions({{Field::if_match, "\"0\""}}).is_known(kTag), StatusError);
}

TEST(EntityTag, WhatIsNoListOfTagsIsMalformed) {
    for (const char* field : {"", "1", "\"1", "\"1\" \"2\"", "w/\"1\"", "\"1\",*", ",", "'1'"}) {
        EXPECT_EQ(tests::thrown_code([&] {
                      conditions({{Field::if_match, field}});
                  }),
                  Code::malformed)
            << field;
        EXPECT_EQ(tests::thrown_code([&] {
                      conditions({{Field::if_none_match, field}});
                  }),
                  Code::malformed)
            << field;
    }
}

}  // namespace
}  // namespace crowfly
