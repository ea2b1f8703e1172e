#include <cstring>

#include "core/index/index_format.h"
#include "core/index/memory.h"
#include "core/index/point_index.h"
#include "core/search/searcher.h"
#include "tests/fuzz/fuzz_input.h"

/// Whatever the bytes are, they are refused as an index, or can be searched. The checksum is forged, so that
/// what it guards is tried too.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace crowfly;
    const auto memory = index_memory(size);
    std::memcpy(memory.get(), data, size);
    const std::span bytes(memory.get(), size);
    if (size >= sizeof(IndexHeader)) {
        const std::uint64_t checksum = checksum_of(bytes);
        std::memcpy(memory.get() + offsetof(IndexHeader, checksum), &checksum, sizeof checksum);
    }
    try {
        const PointIndex index = PointIndex::of_bytes(bytes);
        Searcher searcher(index);
        searcher.nearest({1, 2}, {.k = 5});
        searcher.within_distance({-3, 4}, 100'000);
        searcher.count_within_distance({-3, 4}, 100'000);
        for (std::size_t a = 0; a < std::min<std::size_t>(index.attribute_count(), 3); ++a) {
            searcher.nearest_of_each_value({5, 6}, a, {.k = 2});
        }
    } catch (const Error& error) {
        if (error.code() != Code::corrupt && error.code() != Code::unsupported) __builtin_trap();
    }
    return 0;
}
