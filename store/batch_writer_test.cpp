#include "store/batch_writer.h"

#include <atomic>
#include <string>

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

/// Gives the writer so many places, with numbers as ids.
void write(BatchWriter& writer, int count) {
    PlaceBatch batch = writer.take();
    for (int i = 0; i < count; ++i) {
        batch.next() = {.id = std::to_string(i)};
        batch.add();
        if (!batch.is_full()) continue;
        writer.put(std::move(batch));
        batch = writer.take();
    }
    writer.put(std::move(batch));
}

TEST(BatchWriter, WritesAllInOrder) {
    for (const int count : {0, 1, 6, 7, 8, 1'000}) {
        std::vector<std::string> written;
        BatchWriter writer(7, [&](std::span<Place> places) {
            EXPECT_LE(places.size(), 7U);
            for (const Place& place : places) written.push_back(place.id);
        });
        write(writer, count);
        writer.finish();
        ASSERT_EQ(written.size(), static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) EXPECT_EQ(written[static_cast<std::size_t>(i)], std::to_string(i));
    }
}

TEST(BatchWriter, WhatWritingThrowsReachesTheOneWhoReads) {
    for (const int good : {0, 1, 5}) {
        std::atomic<int> calls = 0;
        BatchWriter writer(2, [&](std::span<Place> /*places*/) {
            if (calls++ == good) throw Error(Code::io, "the disk is full");
        });
        EXPECT_EQ(tests::thrown_code([&] {
                      write(writer, 100);
                      writer.finish();
                  }),
                  Code::io);
        EXPECT_EQ(calls, good + 1) << "nothing is written after a failure";
    }
}

TEST(BatchWriter, WhatWaitsIsDroppedWithIt) {
    std::atomic<bool> begun = false;
    std::atomic<bool> go_on = false;
    std::atomic<int> calls = 0;
    std::jthread releaser;
    {
        BatchWriter writer(1, [&](std::span<Place> /*places*/) {
            ++calls;
            begun = true;
            go_on.wait(false);
        });
        for (int i = 0; i < 2; ++i) {
            PlaceBatch batch = writer.take();
            batch.add();
            writer.put(std::move(batch));
        }
        while (!begun) std::this_thread::yield();
        releaser = std::jthread([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            go_on = true;
            go_on.notify_all();
        });
    }
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace crowfly
