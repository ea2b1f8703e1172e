#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include "core/error.h"
#include "formats/place_reader.h"

namespace crowfly::fuzz {

inline std::string_view text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Bytes as a file without a name.
class MemoryFile {
  public:
    explicit MemoryFile(std::string_view bytes) : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
        if (::write(descriptor_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
            ::_exit(1);
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() { ::close(descriptor_); }

    std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

  private:
    int descriptor_;
};

/// Reads all places of a file. Whatever the bytes are, the reader gives legal places or throws Error.
inline void read_all(std::string_view bytes, PlaceFormat format) {
    const MemoryFile file(bytes);
    const ReadOptions options{.attributes = {{"n", AttributeType::integer},
                                             {"r", AttributeType::real},
                                             {"b", AttributeType::boolean}}};
    for (const OnError policy : {OnError::skip, OnError::abort}) {
        Rejects rejects(policy);
        try {
            const auto reader = open_places(file.path(), format, options, rejects);
            for (Place place; reader->next(place);) {
                if (coordinate_fault(place.position, Crs::wgs84)) __builtin_trap();
            }
        } catch (const Error& error) {
            if (error.code() == Code::internal) __builtin_trap();
        }
    }
}

}  // namespace crowfly::fuzz
