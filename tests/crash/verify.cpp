#include "tests/crash/verify.h"

#include <algorithm>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "store/embedded/check.h"
#include "store/embedded/embedded_store.h"
#include "tests/support/process.h"

namespace crowfly::tests {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

/// The index has the same places as the scan of the table has, with the same names, at the same distances.
void expect_index_has_the_rows(const Collection& collection, const Found& found) {
    std::size_t rows = 0;
    for (const auto& entries : found.of_writer) rows += entries.size();
    EXPECT_EQ(collection.count(), rows);
    for (const LonLat at : {LonLat{0, 0}, LonLat{179.95, -70}, LonLat{-60.05, 80}}) {
        PlaceQuery query{.point = at};
        const auto by_index = collection.nearest(query, rows + 10, kInf);
        query.method = Method::scan;
        EXPECT_EQ(by_index, collection.nearest(query, rows + 10, kInf));
        EXPECT_EQ(by_index.size(), rows);
        for (const NeighborPlace& neighbor : by_index) {
            const auto& entries = found.of_writer.at(writer_of(neighbor.place.id));
            const auto entry = entries.find(neighbor.place.id);
            ASSERT_NE(entry, entries.end()) << neighbor.place.id;
            EXPECT_EQ(neighbor.place, entry->second.place);
        }
    }
}

void expect_extent(const Collection& collection, const Found& found) {
    std::optional<Extent> extent;
    for (const auto& entries : found.of_writer) {
        for (const auto& [id, entry] : entries) grow(extent, entry.place.vertices());
    }
    EXPECT_EQ(collection.extent(), extent);
}

}  // namespace

Found read_collection(const Collection& collection, std::size_t writers) {
    Found found{.of_writer = std::vector<std::map<std::string, Expected::Entry>>(writers),
                .sequence_number = collection.sequence_number()};
    collection.scan([&](const Place& place) {
        found.of_writer.at(writer_of(place.id))[place.id] = {place, collection.expires_at(place.id)};
    });
    return found;
}

Found read_store(const std::string& path, std::size_t writers, Timestamp now) {
    Found found;
    try {
        const EmbeddedStore store(path, sqlite::Access::read_only);
        const auto collection =
            store.open_collection(kCrashCollection, {MetricKind::spheroid}, crash_options(now));
        found = read_collection(*collection, writers);
        expect_index_has_the_rows(*collection, found);
        expect_extent(*collection, found);
    } catch (const Error& error) {
        ADD_FAILURE() << "the store does not open: " << error.what();
        found.of_writer.resize(writers);
    }
    return found;
}

void expect_ogrinfo_opens(const std::string& path, const Found& found) {
    std::size_t rows = 0;
    for (const auto& entries : found.of_writer) rows += entries.size();
    const Finished seen = run({"ogrinfo", "-ro", "-so", path, kCrashCollection});
    EXPECT_EQ(seen.exit_code, 0);
    EXPECT_EQ(seen.err, "");
    EXPECT_THAT(seen.out, testing::HasSubstr("Feature Count: " + std::to_string(rows) + "\n"));
}

void expect_sound(const std::string& path) {
    const CheckReport report = check(path, {.full = true});
    for (const CheckFault& fault : report.faults) ADD_FAILURE() << fault.where << ": " << fault.what;
    EXPECT_THAT(report.notes, testing::IsEmpty());
}

void expect_progress(const Found& found, const std::vector<std::uint64_t>& last,
                     std::vector<Progress>& writers, std::uint64_t seed, Timestamp now) {
    for (std::size_t writer = 0; writer < writers.size(); ++writer) {
        Progress& progress = writers[writer];
        const auto& entries = found.of_writer[writer];
        while (progress.acknowledged < last[writer])
            progress.expected.apply(Batch(seed, writer, ++progress.acknowledged), now);
        if (!progress.expected.allows(entries)) {
            const Expected without = progress.expected;
            progress.expected.apply(Batch(seed, writer, ++progress.acknowledged), now);
            if (!progress.expected.allows(entries)) {
                ADD_FAILURE() << "writer " << writer << ", after batch " << last[writer] << "\n  "
                              << without.difference(entries) << "\n  and with the batch after it "
                              << progress.expected.difference(entries);
            }
        }
        progress.expected.settle(entries);
    }
}

}  // namespace crowfly::tests
