#include "service/idempotency.h"

#include <atomic>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

/// Counts how often it is done.
class IdempotencyTest : public testing::Test {
  protected:
    struct Sent {
        std::string key;
        std::string body = "body";
        std::string path = "/a";
        std::string principal = "p";
        int status = 200;
    };

    HttpResponse send(const Sent& sent) {
        boost::beast::http::fields fields;
        if (!sent.key.empty()) fields.set("Idempotency-Key", sent.key);
        const HttpRequest request{.method = "POST", .path = sent.path, .body = sent.body, .fields = &fields};
        return replies_.once(request, sent.principal, [&] {
            return HttpResponse{.status = sent.status, .body = std::to_string(++done_)};
        });
    }

    std::chrono::steady_clock::time_point now_{};
    Idempotency replies_{100, [this] { return now_; }};
    int done_ = 0;
};

TEST_F(IdempotencyTest, TheSameRequestIsDoneOnce) {
    EXPECT_EQ(send({"k"}).body, "1");
    const HttpResponse again = send({"k"});
    EXPECT_EQ(again.body, "1");
    EXPECT_EQ(again.headers.back().first, "Idempotency-Replayed");
    EXPECT_EQ(send({"other"}).body, "2");
    EXPECT_EQ(send({""}).body, "3") << "one without a key is done each time";
    EXPECT_EQ(send({""}).body, "4");
    EXPECT_EQ(send({.key = "k", .principal = "q"}).body, "5") << "a key of somebody else is another";
}

TEST_F(IdempotencyTest, TheKeyOfAnotherRequestIsRefused) {
    send({"k"});
    EXPECT_EQ(tests::thrown_code([&] { send({.key = "k", .body = "other"}); }), Code::invalid_argument);
    EXPECT_EQ(tests::thrown_code([&] { send({.key = "k", .path = "/b"}); }), Code::invalid_argument);
    EXPECT_EQ(tests::thrown_code([&] { send({.key = "k", .body = "", .path = "/abody"}); }),
              Code::invalid_argument);
    EXPECT_EQ(done_, 1);
}

TEST_F(IdempotencyTest, WhatHasFailedMayBeSentAgain) {
    EXPECT_EQ(send({.key = "k", .status = 503}).body, "1");
    EXPECT_EQ(send({.key = "k", .body = "mended"}).body, "2");
    boost::beast::http::fields fields;
    fields.set("Idempotency-Key", "thrown");
    const HttpRequest request{.method = "POST", .path = "/a", .fields = &fields};
    const auto fails = [&]() -> HttpResponse { throw Error(Code::busy, "no"); };
    EXPECT_EQ(tests::thrown_code([&] { replies_.once(request, "p", fails); }), Code::busy);
    EXPECT_EQ(replies_.once(request, "p", [] { return HttpResponse{.body = "done"}; }).body, "done");
}

TEST_F(IdempotencyTest, OneThatIsBeingDoneIsAConflict) {
    boost::beast::http::fields fields;
    fields.set("Idempotency-Key", "k");
    const HttpRequest request{.method = "POST", .path = "/a", .fields = &fields};
    {
        const Idempotency::Begun begun = replies_.begin(request, "p");
        EXPECT_FALSE(begun.reply);
        EXPECT_EQ(tests::thrown_code([&] { replies_.begin(request, "p"); }), Code::conflict);
    }
    EXPECT_FALSE(replies_.begin(request, "p").reply);
}

TEST_F(IdempotencyTest, IsForgottenAfterADayOrAfterManyOthers) {
    send({"k"});
    now_ += std::chrono::hours(24);
    EXPECT_EQ(send({"k"}).body, "1");
    now_ += std::chrono::minutes(1);
    EXPECT_EQ(send({"k"}).body, "2");
    for (int i = 0; i < 99; ++i) send({.key = fmt::format("k{}", i)});
    EXPECT_EQ(send({"k"}).body, "2");
    send({"another"});
    EXPECT_EQ(send({"k"}).body, "103");
}

TEST_F(IdempotencyTest, TheRepliesAreBoundedInBytes) {
    const std::string large(Idempotency::kMostBytes / 2, 'x');
    boost::beast::http::fields fields;
    for (const char* key : {"a", "b", "c"}) {
        fields.set("Idempotency-Key", key);
        replies_.once({.method = "POST", .fields = &fields}, "", [&] { return HttpResponse{.body = large}; });
    }
    fields.set("Idempotency-Key", "a");
    const HttpRequest first{.method = "POST", .fields = &fields};
    EXPECT_EQ(replies_.once(first, "", [] { return HttpResponse{.body = "again"}; }).body, "again");
}

TEST_F(IdempotencyTest, KeysArePrintableAndNotLong) {
    EXPECT_EQ(send({std::string(255, 'k')}).status, 200);
    EXPECT_EQ(tests::thrown_code([&] { send({std::string(256, 'k')}); }), Code::malformed);
    EXPECT_EQ(tests::thrown_code([&] { send({"a b"}); }), Code::malformed);
    EXPECT_EQ(tests::thrown_code([&] { send({"\xC3\xA4"}); }), Code::malformed);
}

TEST_F(IdempotencyTest, OfManyAtOnceOneIsDone) {
    std::atomic<int> done = 0;
    std::atomic<int> answered = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            boost::beast::http::fields fields;
            fields.set("Idempotency-Key", "k");
            const HttpRequest request{.method = "POST", .path = "/a", .fields = &fields};
            for (;;) {
                try {
                    replies_.once(request, "p", [&] {
                        ++done;
                        return HttpResponse{};
                    });
                    ++answered;
                    return;
                } catch (const Error& error) {
                    ASSERT_EQ(error.code(), Code::conflict);
                }
            }
        });
    }
    threads.clear();
    EXPECT_EQ(done, 1);
    EXPECT_EQ(answered, 8);
}

}  // namespace
}  // namespace crowfly
