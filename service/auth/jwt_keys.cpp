#include "service/auth/jwt_keys.h"

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "core/files.h"
#include "service/auth/jose.h"

namespace crowfly {
namespace {

constexpr int kLeastRsaBits = 2048;
constexpr std::size_t kMostBytes = 1U << 20U;

struct Release {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
    void operator()(jose_cfg_t* settings) const noexcept { jose_cfg_decref(settings); }
};
using PublicKey = std::unique_ptr<EVP_PKEY, Release>;

/// One for each use, since its count of references is not for several threads. Left to itself the library
/// would write to standard error.
std::unique_ptr<jose_cfg_t, Release> silent_settings() {
    std::unique_ptr<jose_cfg_t, Release> settings(jose_cfg());
    if (!settings) throw std::bad_alloc();
    jose_cfg_set_err_func(
        settings.get(), [](void*, const char*, int, std::uint64_t, const char*, va_list) {}, nullptr);
    return settings;
}

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Error(code_of_errno(errno), fmt::format("{}: {}", path, std::strerror(errno)));
    std::string content(kMostBytes + 1, '\0');
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    if (file.bad()) throw Error(Code::io, path + ": cannot be read");
    content.resize(static_cast<std::size_t>(file.gcount()));
    if (content.size() > kMostBytes) throw Error(Code::too_large, path + ": is longer than 1 MiB");
    return content;
}

/// Empty when it is not there, or not a text.
std::string_view text_of(const json_t* object, const char* member) {
    const json_t* value = json_object_get(object, member);
    if (!json_is_string(value)) return {};
    return {json_string_value(value), json_string_length(value)};
}

bool has(const json_t* array, std::string_view text) {
    for (std::size_t i = 0; i < json_array_size(array); ++i) {
        const json_t* item = json_array_get(array, i);
        if (json_is_string(item) && json_string_value(item) == text) return true;
    }
    return false;
}

/// Whether the key says that it is for something else than signatures (RFC 7517, 4.2 and 4.3).
bool is_for_something_else(const json_t* jwk) {
    const json_t* operations = json_object_get(jwk, "key_ops");
    return (json_object_get(jwk, "use") != nullptr && text_of(jwk, "use") != "sig") ||
           (operations != nullptr && !has(operations, "verify"));
}

std::vector<std::string> algorithms_of_kind(const json_t* jwk) {
    if (text_of(jwk, "kty") == "RSA") return {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"};
    const std::string_view curve = text_of(jwk, "crv");
    if (curve == "P-256") return {"ES256"};
    if (curve == "P-384") return {"ES384"};
    if (curve == "P-521") return {"ES512"};
    return {};
}

Json text_value(std::string_view text) {
    return Json(json_stringn(text.data(), text.size()));
}

}  // namespace

JwtKeys::JwtKeys(const std::string& path) : path_(path) {
    const std::string content = content_of(path);
    const std::size_t first = content.find_first_not_of(" \t\r\n");
    if (first != std::string::npos && content[first] == '{') {
        const Json root(json_loadb(content.data(), content.size(), JSON_REJECT_DUPLICATES, nullptr));
        if (!root) throw Error(Code::malformed, path + ": is not JSON, though it begins like that");
        add_all_of(root.get());
    } else {
        add_pem(content);
    }
    ERR_clear_error();
    if (keys_.empty()) {
        throw Error(
            Code::invalid_argument,
            path + ": has no key for signatures of a known kind; expected RSA, P-256, P-384 or P-521");
    }
}

void JwtKeys::add_pem(const std::string& content) {
    const auto bio = [&] {
        return std::unique_ptr<BIO, Release>(
            BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
    };
    PublicKey key(PEM_read_bio_PUBKEY(bio().get(), nullptr, nullptr, nullptr));
    if (!key) {
        const std::unique_ptr<X509, Release> certificate(
            PEM_read_bio_X509(bio().get(), nullptr, nullptr, nullptr));
        if (certificate) key.reset(X509_get_pubkey(certificate.get()));
    }
    if (!key) {
        throw Error(Code::malformed,
                    path_ + ": is neither a public key nor a certificate in PEM, nor a JWK or JWKS");
    }
    Json jwk(jose_openssl_jwk_from_EVP_PKEY(silent_settings().get(), key.get()));
    if (!jwk)
        throw Error(Code::invalid_argument, path_ + ": the key is neither RSA nor P-256, P-384 or P-521");
    add(std::move(jwk), path_);
}

void JwtKeys::add_all_of(json_t* root) {
    const json_t* list = json_object_get(root, "keys");
    if (list == nullptr) return add(Json(json_deep_copy(root)), path_);
    if (!json_is_array(list)) throw Error(Code::malformed, path_ + ": \"keys\" is not an array");
    for (std::size_t i = 0; i < json_array_size(list); ++i) {
        const json_t* item = json_array_get(list, i);
        const std::string where = fmt::format("{}: key {}", path_, i + 1);
        if (!json_is_object(item)) throw Error(Code::malformed, where + " is not an object");
        add(Json(json_deep_copy(item)), where);
    }
}

void JwtKeys::add(Json jwk, const std::string& where) {
    if (text_of(jwk.get(), "kty") == "oct")
        throw Error(Code::invalid_argument,
                    where + " is a secret one; tokens are verified with public keys alone");
    std::vector<std::string> algorithms = algorithms_of_kind(jwk.get());
    // A set may have keys for other uses, and of kinds that came later (RFC 7517, 5).
    if (algorithms.empty() || is_for_something_else(jwk.get())) return;
    const auto settings = silent_settings();
    const PublicKey key(jose_openssl_jwk_to_EVP_PKEY(settings.get(), jwk.get()));
    if (!key || !jose_jwk_pub(settings.get(), jwk.get()))
        throw Error(Code::malformed, where + " cannot be read as a public key");
    if (text_of(jwk.get(), "kty") == "RSA" && EVP_PKEY_get_bits(key.get()) < kLeastRsaBits) {
        throw Error(Code::invalid_argument, fmt::format("{} has {} bits; RSA takes at least {}", where,
                                                        EVP_PKEY_get_bits(key.get()), kLeastRsaBits));
    }
    if (json_object_get(jwk.get(), "alg") != nullptr) {
        const std::string named(text_of(jwk.get(), "alg"));
        if (std::find(algorithms.begin(), algorithms.end(), named) == algorithms.end()) return;
        algorithms = {named};
    }
    std::optional<std::string> id;
    if (json_is_string(json_object_get(jwk.get(), "kid"))) id = text_of(jwk.get(), "kid");
    keys_.push_back({std::move(jwk), std::move(id), std::move(algorithms)});
}

bool JwtKeys::verify(const CompactToken& token, std::string_view algorithm,
                     std::optional<std::string_view> kid) const {
    const Json signed_text(json_object());
    json_object_set_new(signed_text.get(), "protected", text_value(token.header).release());
    json_object_set_new(signed_text.get(), "payload", text_value(token.payload).release());
    json_object_set_new(signed_text.get(), "signature", text_value(token.signature).release());
    const auto settings = silent_settings();
    const bool is_good = std::any_of(keys_.begin(), keys_.end(), [&](const Key& key) {
        const bool is_named = !kid || !key.id || *key.id == *kid;
        return is_named &&
               std::find(key.algorithms.begin(), key.algorithms.end(), algorithm) != key.algorithms.end() &&
               jose_jws_ver(settings.get(), signed_text.get(), nullptr, key.jwk.get(), false);
    });
    // What is left in this thread's queue would be taken for a fault of its TLS connections.
    ERR_clear_error();
    return is_good;
}

}  // namespace crowfly
