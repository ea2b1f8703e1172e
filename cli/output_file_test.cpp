#include "cli/output_file.h"

#include <filesystem>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

using testing::HasSubstr;

std::size_t files_in(const std::string& directory) {
    const std::filesystem::directory_iterator entries(directory);
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

TEST(OutputFile, AppearsWhenItIsCommitted) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.path("a.csv");
    {
        OutputFile file(path);
        file.write("one\n");
        EXPECT_FALSE(std::filesystem::exists(path));
        file.write("two\n");
        file.commit();
    }
    EXPECT_EQ(tests::read_file(path), "one\ntwo\n");
    EXPECT_EQ(files_in(directory.path("")), 1U);
}

TEST(OutputFile, LeavesNothingAndSparesWhatWasThereWhenItIsNot) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.file("a.csv", "before");
    try {
        OutputFile file(path);
        file.write("half");
        throw std::runtime_error("");
    } catch (const std::runtime_error&) {
        EXPECT_EQ(tests::read_file(path), "before");
    }
    EXPECT_EQ(files_in(directory.path("")), 1U);
}

TEST(OutputFile, KeepsPermissionsAndFollowsLinks) {
    const tests::TemporaryDirectory directory;
    const std::string target = directory.file("target.csv", "before");
    ASSERT_EQ(::chmod(target.c_str(), 0640), 0);
    std::filesystem::create_symlink("target.csv", directory.path("link.csv"));
    OutputFile file(directory.path("link.csv"));
    file.write("after");
    file.commit();
    EXPECT_TRUE(std::filesystem::is_symlink(directory.path("link.csv")));
    EXPECT_EQ(tests::read_file(target), "after");
    struct stat status {};
    ASSERT_EQ(::stat(target.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST(OutputFile, SaysWhereItCannotWrite) {
    const tests::TemporaryDirectory directory;
    EXPECT_THAT(tests::thrown_text([&] { OutputFile file(directory.path("no/where.csv")); }),
                testing::AllOf(HasSubstr("not_found"), HasSubstr("no/where.csv: No such file or directory")));
    EXPECT_THAT(tests::thrown_text([&] { OutputFile file(directory.path("")); }),
                HasSubstr("Is a directory"));
    EXPECT_THAT(tests::thrown_text([&] { OutputFile file(""); }), HasSubstr("No such file"));
}

TEST(OutputFile, WhatIsNoFileIsWrittenStraight) {
    OutputFile null("/dev/null");
    null.write("gone");
    null.commit();
    EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
    OutputFile full("/dev/full");
    EXPECT_THAT(tests::thrown_text([&] { full.write("x"); }),
                HasSubstr("io /dev/full: No space left on device"));
}

}  // namespace
}  // namespace crowfly
