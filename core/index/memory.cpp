#include "core/index/memory.h"

#include <cstdlib>
#include <new>

#include <sys/mman.h>

namespace crowfly {

std::shared_ptr<std::byte[]> index_memory(std::size_t bytes) {
    constexpr std::size_t kCacheLine = 64;
    constexpr std::size_t kHugePage = std::size_t{2} << 20U;
    const std::size_t alignment = bytes >= 2 * kHugePage ? kHugePage : kCacheLine;
    const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    void* memory = std::aligned_alloc(alignment, rounded);
    if (memory == nullptr) throw std::bad_alloc();
    // A hint alone: where it is refused, ordinary pages serve.
    if (alignment == kHugePage) static_cast<void>(madvise(memory, rounded, MADV_HUGEPAGE));
    return {static_cast<std::byte*>(memory), [](std::byte* p) { std::free(p); }};
}

}  // namespace crowfly
