#include "service/auth/api_key.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "core/error.h"

namespace crowfly {
namespace {

constexpr std::string_view kPrefix = "crowfly_";
constexpr std::size_t kIdDigits = 12;
constexpr std::size_t kSecretDigits = 64;
constexpr std::string_view kDigits = "0123456789abcdef";

bool is_hex(std::string_view text) noexcept {
    return text.find_first_not_of(kDigits) == std::string_view::npos;
}

std::string hex_of(std::span<const unsigned char> bytes) {
    std::string text;
    for (const unsigned char byte : bytes) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 0xFU];
    }
    return text;
}

}  // namespace

ApiKey make_api_key() {
    std::array<unsigned char, (kIdDigits + kSecretDigits) / 2> random{};
    if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
        throw Error(Code::io, "the system has no random bytes for a key");
    const std::span<const unsigned char> bytes(random);
    ApiKey key{.id = hex_of(bytes.first(kIdDigits / 2)), .text = {}};
    key.text = std::string(kPrefix) + key.id + "_" + hex_of(bytes.subspan(kIdDigits / 2));
    OPENSSL_cleanse(random.data(), random.size());
    return key;
}

std::optional<std::string_view> id_of_api_key(std::string_view text) noexcept {
    if (text.size() != kPrefix.size() + kIdDigits + 1 + kSecretDigits || !text.starts_with(kPrefix))
        return std::nullopt;
    text.remove_prefix(kPrefix.size());
    const std::string_view id = text.substr(0, kIdDigits);
    if (!is_hex(id) || text[kIdDigits] != '_' || !is_hex(text.substr(kIdDigits + 1))) return std::nullopt;
    return id;
}

KeyHash hash_of(std::string_view text) {
    // Looked up once: OpenSSL would do it for each hash, which takes longer than the hash.
    static const std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> sha256(EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                                   EVP_MD_free);
    KeyHash hash{};
    if (EVP_Digest(text.data(), text.size(), hash.data(), nullptr, sha256.get(), nullptr) != 1)
        throw Error(Code::internal, "OpenSSL has no SHA-256");
    return hash;
}

bool equal(const KeyHash& a, const KeyHash& b) noexcept {
    return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hex(const KeyHash& hash) {
    return hex_of(hash);
}

std::optional<KeyHash> parse_hash(std::string_view hex) noexcept {
    KeyHash hash{};
    if (hex.size() != 2 * hash.size() || !is_hex(hex)) return std::nullopt;
    for (std::size_t i = 0; i < hash.size(); ++i)
        hash[i] = static_cast<unsigned char>(kDigits.find(hex[2 * i]) << 4U | kDigits.find(hex[2 * i + 1]));
    return hash;
}

}  // namespace crowfly
