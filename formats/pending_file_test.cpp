#include "formats/pending_file.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

TEST(PendingFile, TakesTheNameOnlyOnceItIsCommitted) {
    const tests::TemporaryDirectory directory;
    const std::string path = directory.file("a.txt", "before");
    {
        const PendingFile dropped(path);
        std::ofstream(dropped.path()) << "never";
    }
    EXPECT_EQ(tests::read_file(path), "before");
    PendingFile pending(path);
    std::ofstream(pending.path()) << "after";
    EXPECT_EQ(tests::read_file(path), "before");
    pending.commit_to_disk();
    EXPECT_EQ(tests::read_file(path), "after");
    EXPECT_FALSE(std::filesystem::exists(pending.path()));
}

TEST(PendingFile, OneThatIsGoneMeanwhileIsAnError) {
    const tests::TemporaryDirectory directory;
    PendingFile pending(directory.path("a.txt"));
    std::filesystem::remove(pending.path());
    EXPECT_EQ(tests::thrown_code([&] { pending.commit_to_disk(); }), Code::not_found);
    EXPECT_EQ(tests::thrown_code([&] { pending.commit(); }), Code::not_found);
}

}  // namespace
}  // namespace crowfly
