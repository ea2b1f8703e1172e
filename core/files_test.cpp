#include "core/files.h"

#include <cerrno>
#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/temporary.h"
#include "tests/support/thrown.h"
#include "tests/support/unprivileged.h"

namespace crowfly {
namespace {

TEST(Files, ErrnoStandsForACode) {
    EXPECT_EQ(code_of_errno(ENOENT), Code::not_found);
    EXPECT_EQ(code_of_errno(EROFS), Code::permission_denied);
    EXPECT_EQ(code_of_errno(ENOSPC), Code::io);
}

TEST(Files, AreThereOrNotOrItCannotBeKnown) {
    const tests::TemporaryDirectory directory;
    const std::string file = directory.file("a", "");
    std::filesystem::create_symlink("none", directory.path("dangling"));
    EXPECT_TRUE(file_exists(file));
    EXPECT_FALSE(file_exists(directory.path("none")));
    EXPECT_FALSE(file_exists(directory.path("dangling")));
    EXPECT_FALSE(file_exists(file + "/below"));
    EXPECT_FALSE(file_exists(""));
    ASSERT_TRUE(tests::give_away(directory.path(""), 0000));
    const tests::Unprivileged user;
    ASSERT_TRUE(user.works());
    EXPECT_EQ(tests::thrown_code([&] { file_exists(file); }), Code::permission_denied);
}

}  // namespace
}  // namespace crowfly
