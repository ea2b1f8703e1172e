#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/crash/history.h"

namespace crowfly::tests {

/// What is in a store, by writer.
struct Found {
    std::vector<std::map<std::string, Expected::Entry>> of_writer;
    std::uint64_t sequence_number = 0;
};

/// Opens the store to read and takes what it has. Fails the test when the store does not open, or contradicts
/// itself: the index must have the rows of the file and answer like the scan, and extent and count be theirs.
Found read_store(const std::string& path, std::size_t writers, Timestamp now);

/// The places of an open collection.
Found read_collection(const Collection& collection, std::size_t writers);

/// Fails the test unless ogrinfo opens the file, without a word of complaint, and counts as many places.
void expect_ogrinfo_opens(const std::string& path, const Found& found);

/// Fails the test when `crowfly check --full` would find a fault, or has something to note.
void expect_sound(const std::string& path);

/// How far one writer has come, as far as it is known.
struct Progress {
    std::uint64_t acknowledged = 0;
    Expected expected = {};
};

/// Fails the test unless each writer's places are those after its acknowledged batch `last`, or after the one
/// next to that, which was under way; each is there whole or not at all. Then goes on from what was found.
void expect_progress(const Found& found, const std::vector<std::uint64_t>& last,
                     std::vector<Progress>& writers, std::uint64_t seed, Timestamp now);

}  // namespace crowfly::tests
