/// Writes a store without end, and says on standard output what is acknowledged, line by line:
///
///     crash_writer STORE SEED MILLISECONDS NEXT...
///
/// For each NEXT there is a writer, a thread, whose first batch is that one. Now and then the store is closed
/// and opened again. MILLISECONDS is what the clock says all the time.
///
///     open                  the store is open, with its collection
///     2 17 345              batch 17 of writer 2 is acknowledged, with sequence number 345

#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "core/error.h"
#include "store/embedded/embedded_store.h"
#include "tests/crash/history.h"

namespace crowfly::tests {
namespace {

/// In one piece, and at once.
void say(const std::string& line) {
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) ::_exit(1);
}

struct Arguments {
    std::string store;
    std::uint64_t seed;
    Timestamp now;
    std::vector<std::uint64_t> next;
};

std::unique_ptr<Collection> open(const EmbeddedStore& store, const Arguments& arguments) {
    const EmbeddedOptions options = crash_options(arguments.now);
    if (!store.schemas().empty())
        return store.open_collection(kCrashCollection, {MetricKind::spheroid}, options);
    PlaceList none({});
    return store.create_collection(crash_schema(), {MetricKind::spheroid}, none, options);
}

void write(Collection& collection, const Arguments& arguments, std::size_t writer, std::uint64_t& next,
           std::uint64_t count) {
    for (; count > 0; --count, ++next) {
        const std::uint64_t sequence_number = Batch(arguments.seed, writer, next).write_to(collection);
        say(fmt::format("{} {} {}\n", writer, next, sequence_number));
    }
}

/// From opening the store to closing it.
void live(Arguments& arguments, std::uint64_t batches) {
    ThreadExecutor executor(2);
    const EmbeddedStore store(arguments.store, sqlite::Access::create, {.executor = &executor});
    const auto collection = open(store, arguments);
    say("open\n");
    std::vector<std::jthread> threads;
    for (std::size_t writer = 0; writer < arguments.next.size(); ++writer) {
        threads.emplace_back(
            [&, writer] { write(*collection, arguments, writer, arguments.next[writer], batches); });
    }
}

void run(Arguments arguments) {
    constexpr std::uint64_t kFewest = 3;
    constexpr std::uint64_t kMost = 40;
    for (std::uint64_t batches = kFewest;; batches = batches * 2 % kMost + kFewest) live(arguments, batches);
}

}  // namespace
}  // namespace crowfly::tests

int main(int argc, char** argv) {
    using namespace crowfly;
    if (argc < 5) return 2;
    try {
        tests::Arguments arguments{
            argv[1], std::stoull(argv[2]), Timestamp(std::chrono::milliseconds(std::stoll(argv[3]))), {}};
        for (int i = 4; i < argc; ++i) arguments.next.push_back(std::stoull(argv[i]));
        tests::run(std::move(arguments));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "crash_writer: %s\n", error.what());
        return 1;
    }
}
