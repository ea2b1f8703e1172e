#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <jansson.h>

namespace crowfly {

struct JsonRelease {
    void operator()(json_t* value) const noexcept { json_decref(value); }
};
using Json = std::unique_ptr<json_t, JsonRelease>;

/// A token in compact form (RFC 7515, 7.1), its three parts still encoded.
struct CompactToken {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
};

/// The public keys of a file, each with the algorithms that it may be used with. See JwtVerifier.
class JwtKeys {
  public:
    /// Throws as JwtVerifier's constructor.
    explicit JwtKeys(const std::string& path);

    /// Whether one of the keys has signed it by that algorithm; where the header names a key (`kid`), only
    /// those of that name are tried, and those without one.
    bool verify(const CompactToken& token, std::string_view algorithm,
                std::optional<std::string_view> kid) const;

    std::size_t size() const noexcept { return keys_.size(); }

  private:
    struct Key {
        Json jwk;
        std::optional<std::string> id;
        std::vector<std::string> algorithms;
    };

    void add_pem(const std::string& content);
    void add_all_of(json_t* root);
    void add(Json jwk, const std::string& where);

    std::string path_;
    std::vector<Key> keys_;
};

}  // namespace crowfly
