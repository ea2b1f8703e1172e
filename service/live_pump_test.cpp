#include "service/live_pump.h"

#include <functional>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/memory_collection.h"
#include "tests/support/live_view.h"
#include "tests/support/seed.h"

namespace crowfly {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::chrono::milliseconds kPause{1};

/// The other end of a stream.
class Reader {
  public:
    explicit Reader(std::shared_ptr<BodyStream> stream) : stream_(std::move(stream)) {}
    ~Reader() { stream_->abandon(); }

    /// Takes what there is.
    void take() {
        std::string text;
        state_ = stream_->take(text, [] {});
        bytes_ += text.size();
        view.read(text);
    }

    void take_until(const std::function<bool()>& done) {
        for (take(); !done(); take()) std::this_thread::sleep_for(kPause);
    }

    bool is_open() const { return state_ == BodyStream::State::open; }
    std::size_t bytes() const { return bytes_; }

    tests::LiveView view;

  private:
    std::shared_ptr<BodyStream> stream_;
    BodyStream::State state_ = BodyStream::State::open;
    std::size_t bytes_ = 0;
};

/// Places p0, p1, ... on the equator, a degree apart from 0 east.
std::shared_ptr<MemoryCollection> equator(int count) {
    auto collection =
        std::make_shared<MemoryCollection>(Schema{.name = "places"}, std::vector{MetricKind::spheroid});
    std::vector<Change> changes;
    for (int i = 0; i < count; ++i)
        changes.push_back(Upsert{{.id = fmt::format("p{}", i), .position = {static_cast<double>(i), 0}}});
    collection->write(std::move(changes));
    return collection;
}

NearestQuery from(LonLat point, std::size_t k) {
    return {.from = {.point = point}, .k = k};
}

void write(Collection& collection, Change change) {
    std::vector<Change> changes;
    changes.push_back(std::move(change));
    collection.write(std::move(changes));
}

void wait_until(const std::function<bool()>& done) {
    while (!done()) std::this_thread::sleep_for(kPause);
}

TEST(LivePump, FirstTheAnswerThenWhatChanges) {
    const auto places = equator(10);
    LivePump pump({.pause = kPause});
    Reader reader(pump.open(places, from({3.1, 0}, 3), Decimals::all));
    reader.take_until([&] { return reader.view.answers == 1; });
    EXPECT_THAT(reader.view.ids(), ElementsAre("p3", "p4", "p2"));
    EXPECT_EQ(reader.view.last_id, "1");

    write(*places, Upsert{{.id = "new", .position = {3.2, 0}}});
    reader.take_until([&] { return reader.view.changes == 1; });
    EXPECT_THAT(reader.view.ids(), ElementsAre("new", "p3", "p4"));
    EXPECT_THAT(reader.view.last_change,
                testing::AllOf(HasSubstr(R"("left":["p2"])"), HasSubstr(R"("entered":[{"type":"Feature")"),
                               HasSubstr(R"("reordered":[)")));
    EXPECT_EQ(reader.view.last_id, "2");

    write(*places, Move{"new", {3.15, 0}});
    reader.take_until([&] { return reader.view.changes == 2; });
    EXPECT_THAT(reader.view.last_change, HasSubstr(R"({"moved":[)"));

    write(*places, Erase{"new"});
    reader.take_until([&] { return reader.view.changes == 3; });
    EXPECT_THAT(reader.view.ids(), ElementsAre("p3", "p4", "p2"));

    // What happens elsewhere is not told.
    write(*places, Upsert{{.id = "far", .position = {100, 50}}});
    write(*places, Erase{"p3"});
    reader.take_until([&] { return reader.view.changes == 4; });
    EXPECT_THAT(reader.view.ids(), ElementsAre("p4", "p2", "p5"));
    EXPECT_EQ(reader.view.answers, 1);
}

TEST(LivePump, StreamsOfManyCollectionsAreKeptApart) {
    const auto some = equator(5);
    const auto others = equator(2);
    LivePump pump({.pause = kPause});
    Reader of_some(pump.open(some, from({0, 0}, 1), Decimals::all));
    Reader of_others(pump.open(others, from({1, 0}, 1), Decimals::all));
    Reader again(pump.open(some, from({4, 0}, 2), Decimals::two));
    of_some.take_until([&] { return of_some.view.answers == 1; });
    of_others.take_until([&] { return of_others.view.answers == 1; });
    again.take_until([&] { return again.view.answers == 1; });
    EXPECT_EQ(pump.size(), 3U);
    write(*others, Erase{"p1"});
    of_others.take_until([&] { return of_others.view.changes == 1; });
    EXPECT_THAT(of_others.view.ids(), ElementsAre("p0"));
    write(*some, Erase{"p4"});
    again.take_until([&] { return again.view.changes == 1; });
    EXPECT_THAT(again.view.ids(), ElementsAre("p3", "p2"));
    of_some.take();
    EXPECT_EQ(of_some.view.changes, 0);
}

TEST(LivePump, WhatASlowClientDoesNotTakeComesToOneAnswer) {
    constexpr int kPlaces = 180;
    const auto places = equator(kPlaces);
    LivePump pump({.pause = kPause});
    const auto stream = pump.open(places, from({0, 0}, kPlaces), Decimals::all);
    Reader quick(pump.open(places, from({0, 0}, 1), Decimals::all));
    // Each batch moves all places, so that its event is as long as the answer: all of them would not fit.
    int batches = 1;
    for (; batches <= 100; ++batches) {
        std::vector<Change> changes;
        for (int i = 0; i < kPlaces; ++i)
            changes.push_back(Move{fmt::format("p{}", i),
                                   {static_cast<double>((i + batches) % kPlaces) / 2, 0.001 * batches}});
        places->write(std::move(changes));
        // The other one is told all the while.
        const std::string number = std::to_string(places->sequence_number());
        quick.take_until([&] { return quick.view.last_id == number; });
    }
    Reader slow(stream);
    const std::string number = std::to_string(places->sequence_number());
    slow.take_until([&] { return slow.view.last_id == number; });
    EXPECT_LT(slow.view.changes, batches / 2);
    EXPECT_GT(slow.view.changes, 1);
    EXPECT_LT(slow.bytes(), 4 * BodyStream::kCapacity);
    std::vector<std::string> expected;
    for (const auto& neighbor :
         places->nearest({.point = {0, 0}}, kPlaces, std::numeric_limits<double>::infinity()))
        expected.push_back(neighbor.place.id);
    EXPECT_EQ(slow.view.ids(), expected);
}

TEST(LivePump, AQuietStreamHasHeartbeats) {
    const auto places = equator(1);
    LivePump pump({.pause = kPause, .heartbeat = std::chrono::milliseconds(20)});
    Reader reader(pump.open(places, from({0, 0}, 1), Decimals::all));
    reader.take_until([&] { return reader.view.heartbeats == 3; });
    EXPECT_EQ(reader.view.answers, 1);
    write(*places, Erase{"p0"});
    reader.take_until([&] { return reader.view.changes == 1; });
    EXPECT_THAT(reader.view.ids(), IsEmpty());
}

TEST(LivePump, AStreamEndsWhenItIsAbandonedOrNobodyHasIt) {
    const auto places = equator(1);
    LivePump pump({.pause = kPause, .heartbeat = std::chrono::milliseconds(50)});
    { const Reader reader(pump.open(places, from({0, 0}, 1), Decimals::all)); }
    wait_until([&] { return pump.size() == 0; });
    pump.open(places, from({0, 0}, 1), Decimals::all);
    wait_until([&] { return pump.size() == 0; });
}

TEST(LivePump, AStreamDoesNotLastForEver) {
    const auto places = equator(1);
    LivePump pump({.pause = kPause,
                   .heartbeat = std::chrono::milliseconds(20),
                   .longest = std::chrono::milliseconds(50)});
    Reader reader(pump.open(places, from({0, 0}, 1), Decimals::all));
    reader.take_until([&] { return !reader.is_open(); });
    EXPECT_EQ(reader.view.answers, 1);
    EXPECT_EQ(pump.size(), 0U);
}

TEST(LivePump, ThereAreNoMoreStreamsThanItsLimit) {
    const auto places = equator(1);
    LivePump pump({.streams = 2, .pause = kPause});
    const Reader first(pump.open(places, from({0, 0}, 1), Decimals::all));
    {
        const Reader second(pump.open(places, from({0, 0}, 1), Decimals::all));
        EXPECT_EQ(pump.open(places, from({0, 0}, 1), Decimals::all), nullptr);
    }
    wait_until([&] { return pump.size() == 1; });
    Reader third(pump.open(places, from({0, 0}, 1), Decimals::all));
    third.take_until([&] { return third.view.answers == 1; });
}

TEST(LivePump, AllStreamsEndWhenItStops) {
    const auto places = equator(1);
    LivePump pump({.pause = kPause});
    Reader first(pump.open(places, from({0, 0}, 1), Decimals::all));
    first.take_until([&] { return first.view.answers == 1; });
    Reader second(pump.open(places, from({0, 0}, 1), Decimals::all));
    pump.stop();
    first.take_until([&] { return !first.is_open(); });
    second.take_until([&] { return !second.is_open(); });
    wait_until([&] { return pump.open(places, from({0, 0}, 1), Decimals::all) == nullptr; });
    EXPECT_EQ(pump.size(), 0U);
}

TEST(LivePump, ASearchThatFailsIsToldAndEndsItsStreamAlone) {
    const auto places = equator(1);
    LivePump pump({.pause = kPause});
    Reader good(pump.open(places, from({0, 0}, 1), Decimals::all));
    Reader bad(pump.open(places, {.from = {.point = {0, 0}, .metric = MetricKind::sphere}}, Decimals::all));
    bad.take_until([&] { return !bad.is_open(); });
    EXPECT_THAT(bad.view.problem, HasSubstr(R"("status":422)"));
    good.take_until([&] { return good.view.answers == 1; });
    EXPECT_TRUE(good.is_open());
}

TEST(LivePump, ASearchThatTakesTooLongEndsItsStream) {
    const auto places = equator(170);
    LivePump pump({.pause = kPause, .search = std::chrono::milliseconds(-1)});
    Reader reader(pump.open(places, from({0, 0}, 170), Decimals::all));
    reader.take_until([&] { return !reader.is_open(); });
    EXPECT_THAT(reader.view.problem, HasSubstr(R"("status":504)"));
}

TEST(LivePump, ManyComeAndGoWhileOthersWriteAndAllThatStayAreRightInTheEnd) {
    tests::Random random;
    const auto places = equator(60);
    LivePump pump({.pause = kPause, .heartbeat = std::chrono::milliseconds(5)});
    std::jthread writer([&, seed = random.below(1'000'000)](const std::stop_token& stop) {
        std::uint64_t state = seed;
        while (!stop.stop_requested()) {
            state = state * 6364136223846793005U + 1442695040888963407U;
            write(*places, Move{fmt::format("p{}", (state >> 33U) % 60),
                                {static_cast<double>((state >> 40U) % 60), 0.5}});
        }
    });
    const auto query = [&] { return from({random.uniform(0, 60), 0}, 1 + random.below(5)); };
    std::vector<std::pair<NearestQuery, std::unique_ptr<Reader>>> readers;
    for (int i = 0; i < 300; ++i) {
        if (readers.size() == 20)
            readers.erase(readers.begin() + static_cast<std::ptrdiff_t>(random.below(20)));
        auto asked = query();
        readers.emplace_back(asked, std::make_unique<Reader>(pump.open(places, asked, Decimals::all)));
        for (auto& [of, reader] : readers) reader->take();
        std::this_thread::sleep_for(kPause);
    }
    writer.request_stop();
    writer.join();
    for (auto& [asked, reader] : readers) {
        std::vector<std::string> expected;
        for (const auto& neighbor : places->nearest(asked.from, asked.k, asked.max_distance))
            expected.push_back(neighbor.place.id);
        reader->take_until([&, &reader = reader] { return reader->view.ids() == expected; });
    }
    EXPECT_EQ(pump.size(), readers.size());
}

}  // namespace
}  // namespace crowfly
