#include "formats/input.h"

#include <gtest/gtest.h>

#include "tests/support/temporary.h"
#include "tests/support/thrown.h"

namespace crowfly {
namespace {

std::string all_of(Input& input) {
    while (input.fill()) {
    }
    return std::string(input.window());
}

std::optional<Code> code_of(const std::string& path) {
    return tests::thrown_code([&] {
        Input input(path);
        all_of(input);
    });
}

TEST(Input, PlainAndPackedFilesReadAlike) {
    const tests::TemporaryDirectory directory;
    const std::string text(1'000'000, 'x');
    Input plain(directory.file("a.csv", text));
    Input packed(directory.file("a.csv.gz", text));
    EXPECT_EQ(all_of(plain), text);
    EXPECT_EQ(all_of(packed), text);
    EXPECT_EQ(plain.bytes_total(), text.size());
    EXPECT_LT(packed.bytes_total(), text.size());
    EXPECT_EQ(packed.bytes_read(), packed.bytes_total());
}

TEST(Input, PassesOverAByteOrderMark) {
    const tests::TemporaryDirectory directory;
    Input marked(directory.file("a", "\xEF\xBB\xBFid"));
    Input tiny(directory.file("b", "\xEF\xBB"));
    Input empty(directory.file("c", ""));
    EXPECT_EQ(all_of(marked), "id");
    EXPECT_EQ(all_of(tiny), "\xEF\xBB");
    EXPECT_EQ(all_of(empty), "");
}

TEST(Input, AGzipFileMayHaveSeveralMembersAndWhatIsNoneAfterThem) {
    const tests::TemporaryDirectory directory;
    const std::string one = tests::read_file(directory.file("1.gz",
                                                            "\xEF\xBB\xBF"
                                                            "one "));
    const std::string two = tests::read_file(directory.file("2.gz", "two"));
    for (const std::string end : {"", "x", "\x1F", "padding"}) {
        Input input(directory.file("all", one + two + end));
        EXPECT_EQ(all_of(input), "one two") << end;
    }
    const std::string cut = two.substr(0, two.size() - 1);
    EXPECT_EQ(code_of(directory.file("cut", one + cut)), Code::malformed);
}

TEST(Input, TellsWhatIsWrongWithAFile) {
    const tests::TemporaryDirectory directory;
    EXPECT_EQ(code_of(directory.path("missing")), Code::not_found);
    EXPECT_EQ(code_of(directory.path("")), Code::io);

    std::string packed = tests::read_file(directory.file("whole.gz", std::string(100'000, 'x') + "the end"));
    EXPECT_EQ(code_of(directory.file("short", packed.substr(0, packed.size() - 9))), Code::malformed);
    packed[packed.size() / 2] = static_cast<char>(~packed[packed.size() / 2]);
    EXPECT_EQ(code_of(directory.file("damaged", packed)), Code::malformed);
}

}  // namespace
}  // namespace crowfly
