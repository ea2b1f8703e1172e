#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <span>

namespace crowfly {

/// The number that sizeof(Number) bytes of either order stand for.
template <class Number>
Number number_of(std::span<const std::byte, sizeof(Number)> bytes, bool little_endian) {
    std::array<std::byte, sizeof(Number)> own{};
    std::copy(bytes.begin(), bytes.end(), own.begin());
    if (little_endian != (std::endian::native == std::endian::little)) std::reverse(own.begin(), own.end());
    return std::bit_cast<Number>(own);
}

}  // namespace crowfly
