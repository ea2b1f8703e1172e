#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace crowfly {

/// Where bytes come from, one stretch after the other.
class ByteSource {
  public:
    ByteSource() = default;
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    virtual ~ByteSource() = default;

    /// Fills the front of `into`, which is not empty, and returns with how many bytes; waits for the first.
    /// 0 is the end. Throws Error.
    virtual std::size_t read(std::span<char> into) = 0;

    /// How many there are in all; 0 when that is not known.
    virtual std::uint64_t total() const noexcept { return 0; }
};

}  // namespace crowfly
