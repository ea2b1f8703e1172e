#include "tests/crash/simulated_disk.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crowfly::tests {
namespace {

/// All that the disk may have for a file; "-" when it is not there.
std::set<std::string> possible(const SimulatedDisk& disk, const std::string& path) {
    Random random;
    std::set<std::string> contents;
    for (int i = 0; i < 300; ++i) {
        const auto files = disk.after_power_cut(random);
        const auto file = files.find(path);
        contents.insert(file == files.end() ? "-" : file->second);
    }
    return contents;
}

TEST(SimulatedDisk, KeepsWhatWasSynchronisedAndPerhapsTheRest) {
    SimulatedDisk disk;
    disk.open("a", "old", false);
    EXPECT_EQ(possible(disk, "a"), std::set<std::string>{"old"});
    disk.write("a", 0, "new");
    EXPECT_THAT(possible(disk, "a"), testing::IsSupersetOf({"old", "new"}));
    disk.sync("a");
    EXPECT_EQ(possible(disk, "a"), std::set<std::string>{"new"});
    disk.truncate("a", 1);
    EXPECT_EQ(possible(disk, "a"), (std::set<std::string>{"new", "n"}));
}

TEST(SimulatedDisk, TearsWhatIsLargerThanASector) {
    SimulatedDisk disk;
    disk.open("a", std::string(1024, 'o'), false);
    disk.write("a", 0, std::string(1024, 'n'));
    EXPECT_THAT(possible(disk, "a"), testing::IsSupersetOf({std::string(512, 'n') + std::string(512, 'o'),
                                                            std::string(512, 'o') + std::string(512, 'n')}));
}

TEST(SimulatedDisk, WhatAFailedSynchronisationWasForIsNotMadeCertainByTheNext) {
    SimulatedDisk disk;
    disk.open("a", "old", false);
    disk.write("a", 0, "new");
    disk.fail_to_sync("a");
    disk.sync("a");
    EXPECT_TRUE(possible(disk, "a").contains("old"));
    disk.write("a", 0, "new");
    disk.sync("a");
    EXPECT_EQ(possible(disk, "a"), std::set<std::string>{"new"});
}

TEST(SimulatedDisk, NamesComeAndGoWithTheirDirectory) {
    SimulatedDisk disk;
    disk.open("a", "", true);
    EXPECT_EQ(possible(disk, "a"), (std::set<std::string>{"", "-"}));
    disk.sync("a");
    EXPECT_EQ(possible(disk, "a"), std::set<std::string>{""});
    disk.remove("a", false);
    EXPECT_EQ(possible(disk, "a"), (std::set<std::string>{"", "-"}));
    disk.open("a", "", true);
    disk.write("a", 0, "b");
    disk.sync("a");
    EXPECT_EQ(possible(disk, "a"), std::set<std::string>{"b"});
    disk.remove("a", true);
    EXPECT_EQ(possible(disk, "a"), std::set<std::string>{"-"});
}

}  // namespace
}  // namespace crowfly::tests
