#include "service/request_log.h"

#include <filesystem>
#include <sstream>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::system_clock;
using testing::HasSubstr;
using testing::Not;

RequestRecord search() {
    return {.time = system_clock::time_point(seconds(1'795'290'363)) + microseconds(1'042),
            .method = "POST",
            .route = "/knn/search",
            .status = 200,
            .duration = microseconds(412),
            .bytes_in = 87,
            .bytes_out = 2048,
            .collection = "places",
            .k = 10,
            .returned = 0,
            .key = "4f0c1a2b3c4d",
            .peer = "10.0.0.1"};
}

std::vector<std::string> lines_of(const std::string& path) {
    std::istringstream text(tests::read_file(path));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

TEST(RequestLine, HasWhatIsKnownOfTheRequest) {
    EXPECT_EQ(
        line_of(search(), false),
        R"({"time":"2026-11-21T19:46:03.001042Z","method":"POST","route":"/knn/search","status":200,)"
        R"("duration_ms":0.412,"bytes_in":87,"bytes_out":2048,"collection":"places","k":10,"returned":0,)"
        R"("key":"4f0c1a2b3c4d","peer":"10.0.0.1"})");
    const RequestRecord bare{.time = system_clock::time_point{},
                             .method = "GET",
                             .route = "/healthz",
                             .status = 503,
                             .duration = seconds(2),
                             .fault = "busy"};
    EXPECT_EQ(line_of(bare, false),
              R"({"time":"1970-01-01T00:00:00.000000Z","method":"GET","route":"/healthz","status":503,)"
              R"("duration_ms":2000.000,"bytes_in":0,"bytes_out":0,"fault":"busy"})");
}

TEST(RequestLine, HasTheTraceAndOfSlowOnesTheCounts) {
    RequestRecord record = search();
    record.trace = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    record.counts = SearchCounts{.nodes = 12,
                                 .leaves = 3,
                                 .distances = 40,
                                 .closed_forms = 5,
                                 .geodesics = 1,
                                 .time = microseconds(1500)};
    EXPECT_THAT(line_of(record, false),
                testing::EndsWith(
                    R"("trace_id":"0af7651916cd43dd8448eb211c80319c","parent_id":"b7ad6b7169203331"})"));
    EXPECT_THAT(line_of(record, true),
                testing::EndsWith(
                    R"("slow":true,"nodes":12,"leaves":3,"distances":40,"closed_forms":5,"geodesics":1,)"
                    R"("search_ms":1.500})"));
}

TEST(RequestLine, IsOneLineOfJsonWhateverAClientSends) {
    RequestRecord record = search();
    const std::string long_text(301, 'x');
    for (const std::string& text :
         {std::string("a\nb\"\\\x01"), std::string("\xFF\xFE"), long_text, std::string("\xC3")}) {
        record.method = record.collection = record.key = text;
        const std::string line = line_of(record, true);
        simdjson::dom::parser parser;
        EXPECT_EQ(parser.parse(line).error(), simdjson::SUCCESS) << line;
        EXPECT_EQ(line.find('\n'), std::string::npos);
        EXPECT_THAT(line, Not(HasSubstr(long_text)));
    }
}

TEST(RequestLog, WritesALineForEachRequestFromAnyThread) {
    constexpr int kThreads = 4;
    constexpr int kEach = 500;
    const tests::TemporaryDirectory directory;
    const std::string path = directory.file("log", "before\n");
    {
        RequestLog log({.path = path});
        std::vector<std::thread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&] {
                for (int i = 0; i < kEach; ++i) log.write(search());
            });
        }
        for (std::thread& thread : threads) thread.join();
        EXPECT_EQ(log.lost(), 0U);
    }
    const auto lines = lines_of(path);
    ASSERT_EQ(lines.size(), 1U + kThreads * kEach);
    EXPECT_EQ(lines[0], "before");
    for (std::size_t i = 1; i < lines.size(); ++i) EXPECT_EQ(lines[i], line_of(search(), false));
}

TEST(RequestLog, ComesToTheDiskBeforeLong) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("log");
    RequestLog log({.path = path});
    log.write(search());
    while (std::filesystem::file_size(path) == 0) std::this_thread::sleep_for(milliseconds(10));
    EXPECT_EQ(lines_of(path).size(), 1U);
}

TEST(RequestLog, MayLeaveOutWhatWasQuick) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("log");
    {
        RequestLog log({.path = path, .only_slow = true, .slow = milliseconds(1)});
        RequestRecord record = search();
        log.write(record);
        record.duration = milliseconds(1);
        EXPECT_TRUE(log.is_slow(record.duration));
        log.write(record);
        record.duration = microseconds(1);
        record.status = 404;
        log.write(record);
        record.status = 500;
        log.write(record);
    }
    const auto lines = lines_of(path);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_THAT(lines[0], HasSubstr("\"slow\":true"));
    EXPECT_THAT(lines[1], HasSubstr("\"status\":500"));
}

TEST(RequestLog, LosesLinesRatherThanWait) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("pipe");
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    // Nobody reads, so after 64 KiB the writing thread stands still.
    const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    constexpr std::uint64_t kLines = 20'000;
    std::thread drain;
    {
        RequestLog log({.path = path, .most_bytes = 100'000});
        for (std::uint64_t i = 0; i < kLines; ++i) log.write(search());
        EXPECT_GT(log.lost(), 0U);
        drain = std::thread([reader] {
            ::fcntl(reader, F_SETFL, 0);
            std::string bytes(1U << 16U, '\0');
            while (::read(reader, bytes.data(), bytes.size()) > 0) {
            }
        });
    }
    drain.join();
    ::close(reader);
}

TEST(RequestLog, GoesOnAfterTheDiskWasFull) {
    RequestLog log({.path = "/dev/full"});
    log.write(search());
    while (log.lost() == 0) std::this_thread::sleep_for(milliseconds(10));
    log.write(search());
    while (log.lost() < 2) std::this_thread::sleep_for(milliseconds(10));
}

TEST(RequestLog, IsOpenedAnewOnceItWasRenamed) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("log");
    {
        RequestLog log({.path = path});
        log.write(search());
        while (std::filesystem::file_size(path) == 0) std::this_thread::sleep_for(milliseconds(10));
        std::filesystem::rename(path, path + ".1");
        log.reopen();
        log.write(search());
    }
    EXPECT_EQ(lines_of(path).size(), 1U);
    EXPECT_EQ(lines_of(path + ".1").size(), 1U);
    EXPECT_EQ(tests::thrown_code([&] { RequestLog log({.path = directory.path("none/log")}); }),
              Code::not_found);
}

}  // namespace
}  // namespace crowfly
