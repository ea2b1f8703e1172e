#include "formats/byte_feed.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "core/error.h"
#include "formats/place_reader.h"
#include "tests/support/seed.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

std::string all_of(Input& input) {
    while (input.fill()) {
    }
    return std::string(input.window());
}

TEST(ByteFeed, GivesWhatItWasGivenInOrder) {
    tests::Random random;
    std::string sent;
    ByteFeed feed;
    Input input("request", feed.source());
    std::jthread sender([&] {
        for (int i = 0; i < 500; ++i) {
            const std::string chunk(random.below(20'000), static_cast<char>('a' + i % 26));
            sent += chunk;
            feed.push(chunk);
        }
        feed.finish();
    });
    const std::string received = all_of(input);
    sender.join();
    EXPECT_EQ(received, sent);
}

TEST(ByteFeed, PlacesComeFromBytesThatComeOneByOne) {
    const std::string text = "\xEF\xBB\xBFid,lon,lat\n1,2,3\n\"a\"\"b\",4,5\nx,y,z\n";
    ByteFeed feed;
    std::jthread sender([&] {
        for (const char c : text) feed.push(std::string(1, c));
        feed.finish();
    });
    Rejects rejects(OnError::skip);
    const auto reader = read_places(Input("request", feed.source()), PlaceFormat::csv, {}, rejects);
    std::vector<Place> places;
    for (Place place; reader->next(place);) places.push_back(place);
    EXPECT_EQ(places, (std::vector<Place>{{"1", {2, 3}}, {"a\"b", {4, 5}}}));
    ASSERT_EQ(rejects.count(), 1U);
    EXPECT_EQ(rejects.first()[0].message(), "request:4: column 2 (lon): \"y\" is not a finite number");
    EXPECT_EQ(reader->units_total(), 0U);
    EXPECT_EQ(reader->units_read(), text.size());
}

TEST(ByteFeed, TakesNoMoreThanItMayHoldAndTellsWhenThereIsRoom) {
    ByteFeed feed;
    const auto source = feed.source();
    int told = 0;
    std::string chunk(ByteFeed::kCapacity, 'x');
    EXPECT_TRUE(feed.offer(chunk, [&] { ++told; }));
    std::string more = "more";
    EXPECT_FALSE(feed.offer(more, [&] { ++told; }));
    EXPECT_EQ(more, "more");
    EXPECT_EQ(told, 0);
    char byte = 0;
    EXPECT_EQ(source->read({&byte, 1}), 1U);
    EXPECT_EQ(told, 1);
    EXPECT_TRUE(feed.offer(more, [&] { ++told; }));
    EXPECT_EQ(source->read({&byte, 1}), 1U);
    EXPECT_EQ(told, 1) << "told once for each refusal";
}

TEST(ByteFeed, AFeedThatGoesAwayUnfinishedIsNoEnd) {
    auto feed = std::make_unique<ByteFeed>();
    Input input("request", feed->source());
    feed->push("id,lon");
    feed.reset();
    EXPECT_EQ(tests::thrown_text([&] { all_of(input); }), "io the input ended before it was whole");
    EXPECT_EQ(input.window(), "id,lon");
}

TEST(ByteFeed, AFailureReachesTheReader) {
    ByteFeed feed;
    const auto source = feed.source();
    feed.fail(std::make_exception_ptr(Error(Code::too_large, "the request is too long")));
    feed.finish();
    char byte = 0;
    EXPECT_EQ(tests::thrown_code([&] { source->read({&byte, 1}); }), Code::too_large);
}

TEST(ByteFeed, AReaderThatGoesAwayHoldsNobodyUp) {
    ByteFeed feed;
    auto source = feed.source();
    std::atomic<bool> told = false;
    std::string chunk(ByteFeed::kCapacity, 'x');
    ASSERT_TRUE(feed.offer(chunk, {}));
    chunk = "more";
    ASSERT_FALSE(feed.offer(chunk, [&] { told = true; }));
    EXPECT_FALSE(feed.is_abandoned());
    source.reset();
    EXPECT_TRUE(told);
    EXPECT_TRUE(feed.is_abandoned());
    for (int i = 0; i < 3; ++i) feed.push(std::string(ByteFeed::kCapacity, 'x'));
}

TEST(ByteFeed, AStopEndsTheWait) {
    ByteFeed feed;
    std::stop_source stop;
    const auto source = feed.source(stop.get_token());
    std::jthread stopper([&] { stop.request_stop(); });
    char byte = 0;
    EXPECT_EQ(tests::thrown_code([&] { source->read({&byte, 1}); }), Code::cancelled);
}

}  // namespace
}  // namespace crowfly
