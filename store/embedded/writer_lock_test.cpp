#include "store/embedded/writer_lock.h"

#include <filesystem>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/child.h"
#include "tests/support/temporary.h"
#include "tests/support/thrown.h"
#include "tests/support/unprivileged.h"

namespace crowfly {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string attempt(const std::string& store) {
    return tests::thrown_text([&] { const WriterLock lock(store); });
}

TEST(WriterLock, AnotherProcessIsToldWhoHasIt) {
    const tests::TemporaryDirectory directory;
    const std::string store = directory.path("s.gpkg");
    const tests::Child holder([&](const auto& ready) {
        const WriterLock lock(store);
        ready();
        tests::Child::wait_for_the_end();
    });
    EXPECT_THAT(attempt(store), AllOf(StartsWith("busy " + store + ": is held for writing by "),
                                      HasSubstr("store_test (pid " + std::to_string(holder.pid()) + " on "),
                                      HasSubstr(", since 20")));
    ASSERT_TRUE(WriterLock::holder(store).has_value());
    EXPECT_EQ(WriterLock::holder(store)->pid, holder.pid());
}

TEST(WriterLock, IsFreeOnceItsHolderIsKilled) {
    const tests::TemporaryDirectory directory;
    const std::string store = directory.path("s.gpkg");
    tests::Child holder([&](const auto& ready) {
        const WriterLock lock(store);
        ready();
        tests::Child::wait_for_the_end();
    });
    ASSERT_THAT(attempt(store), StartsWith("busy"));
    holder.kill();
    EXPECT_TRUE(fs::exists(store + ".crowfly-lock"));
    EXPECT_EQ(WriterLock::holder(store), std::nullopt);
    EXPECT_EQ(attempt(store), "no error");
}

TEST(WriterLock, IsForOneObjectInAProcess) {
    const tests::TemporaryDirectory directory;
    const std::string store = directory.path("s.gpkg");
    std::optional<WriterLock> first(store);
    EXPECT_THAT(attempt(store), HasSubstr("(pid " + std::to_string(::getpid())));
    first.reset();
    EXPECT_EQ(attempt(store), "no error");
}

TEST(WriterLock, LeavesNothingBehind) {
    const tests::TemporaryDirectory directory;
    {
        const WriterLock lock(directory.path("s.gpkg"));
        EXPECT_FALSE(fs::is_empty(directory.path("")));
    }
    EXPECT_TRUE(fs::is_empty(directory.path("")));
}

TEST(WriterLock, IsTheSameByEveryNameThatLinksLeadTo) {
    const tests::TemporaryDirectory directory;
    fs::create_directory(directory.path("real"));
    fs::create_directory_symlink("real", directory.path("linked"));
    fs::create_symlink("real/s.gpkg", directory.path("to.gpkg"));  // dangles, as the store is not there yet
    fs::create_symlink("to.gpkg", directory.path("to_to.gpkg"));
    const WriterLock lock(directory.path("real/s.gpkg"));
    for (const char* name : {"linked/s.gpkg", "to.gpkg", "to_to.gpkg", "real/../real/s.gpkg"})
        EXPECT_THAT(attempt(directory.path(name)), StartsWith("busy")) << name;
}

TEST(WriterLock, AFileThatTookTheNameMeanwhileIsLeftAlone) {
    const tests::TemporaryDirectory directory;
    const std::string store = directory.path("s.gpkg");
    {
        const WriterLock lock(store);
        fs::remove(store + ".crowfly-lock");
        const WriterLock second(store);
        EXPECT_THAT(attempt(store), StartsWith("busy"));
    }
    EXPECT_FALSE(fs::exists(store + ".crowfly-lock"));
}

TEST(WriterLock, SaysWhatIsMissingWhenItCannotBe) {
    const tests::TemporaryDirectory directory;
    EXPECT_THAT(attempt(directory.path("none/s.gpkg")),
                AllOf(StartsWith("not_found"), HasSubstr("none/s.gpkg.crowfly-lock")));
    ASSERT_TRUE(tests::give_away(directory.path(""), 0555));
    const tests::Unprivileged user;
    ASSERT_TRUE(user.works());
    EXPECT_THAT(attempt(directory.path("s.gpkg")),
                AllOf(StartsWith("permission_denied"), HasSubstr("s.gpkg.crowfly-lock is needed")));
}

TEST(WriterLock, DoesNotFollowALinkThatSomebodyPutThere) {
    const tests::TemporaryDirectory directory;
    const std::string victim = directory.file("victim", "precious");
    fs::create_symlink("victim", directory.path("s.gpkg.crowfly-lock"));
    EXPECT_THAT(attempt(directory.path("s.gpkg")), StartsWith("io"));
    EXPECT_EQ(tests::read_file(victim), "precious");
}

TEST(WriterLock, WhatAHolderSaysCannotDriveATerminal) {
    const tests::TemporaryDirectory directory;
    const std::string store = directory.path("s.gpkg");
    const WriterLock lock(store);
    directory.file("s.gpkg.crowfly-lock", "program \x1b[2J\npid 7\nhost a\tb\nsince now\nnonsense\n");
    EXPECT_THAT(attempt(store), HasSubstr("by ?[2J (pid 7 on a?b, since now);"));
    directory.file("s.gpkg.crowfly-lock", "");
    EXPECT_THAT(attempt(store), HasSubstr("by another process;"));
}

}  // namespace
}  // namespace crowfly
