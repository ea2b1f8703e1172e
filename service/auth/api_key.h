#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace crowfly {

/// A bearer key: `crowfly_<id>_<secret>`, 12 and 64 hexadecimal digits in lower case. The prefix lets people,
/// and programs that look for leaked secrets, tell what it is; the id may be shown and logged; the secret is
/// 256 random bits, and stored nowhere.
struct ApiKey {
    std::string id;
    std::string text;
};

/// A new key. Throws Error(io) when the system has no entropy.
ApiKey make_api_key();

/// The id of a text that has the shape of a key, as a view into it.
std::optional<std::string_view> id_of_api_key(std::string_view text) noexcept;

/// SHA-256 of a key's text. A slow hash would add nothing, since 256 random bits cannot be guessed.
using KeyHash = std::array<unsigned char, 32>;
KeyHash hash_of(std::string_view text);

/// Takes the same time wherever they differ.
bool equal(const KeyHash& a, const KeyHash& b) noexcept;

std::string hex(const KeyHash& hash);
std::optional<KeyHash> parse_hash(std::string_view hex) noexcept;

}  // namespace crowfly
