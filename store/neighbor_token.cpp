#include "store/neighbor_token.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/text.h"

namespace crowfly {
namespace {

// base64url without padding (RFC 4648, section 5).
constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kDistanceDigits = 16;

std::string encoded(std::string_view bytes) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char byte : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(byte);
        for (count += 8; count >= 6; count -= 6) out += kDigits[bits >> (count - 6) & 63];
    }
    if (count > 0) out += kDigits[bits << (6 - count) & 63];
    return out;
}

/// Nothing for a text that `encoded` does not make.
std::optional<std::string> decoded(std::string_view digits) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char digit : digits) {
        const std::size_t value = kDigits.find(digit);
        if (value == std::string_view::npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>(bits >> count & 255);
    }
    if (encoded(out) != digits) return std::nullopt;
    return out;
}

}  // namespace

std::string to_token(const NeighborKey& key) {
    return fmt::format("{:016x}{}", std::bit_cast<std::uint64_t>(key.distance), encoded(key.id));
}

NeighborKey neighbor_key(std::string_view token) {
    std::uint64_t bits = 0;
    const std::string_view distance = token.substr(0, kDistanceDigits);
    const auto [end, error] = std::from_chars(distance.data(), distance.data() + distance.size(), bits, 16);
    if (error == std::errc() && end == distance.data() + kDistanceDigits) {
        NeighborKey key{.distance = std::bit_cast<double>(bits)};
        const auto id = decoded(token.substr(kDistanceDigits));
        if (id && key.distance >= 0 && std::isfinite(key.distance) && text_fault(*id).empty()) {
            key.id = *id;
            if (to_token(key) == token) return key;
        }
    }
    throw Error(Code::malformed, "the cursor is none that was given out; expected that of the page before");
}

}  // namespace crowfly
