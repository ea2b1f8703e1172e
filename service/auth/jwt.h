#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/live/published.h"
#include "service/auth/principal.h"
#include "service/file_stamp.h"

namespace crowfly {

/// Which tokens are good, besides their signature and time.
struct JwtOptions {
    std::string key_file;             ///< public keys: PEM (a public key or a certificate), a JWK, or a JWKS
    std::string issuer = {};          ///< what `iss` must be; empty: anything
    std::string audience = {};        ///< what `aud` must be, or have among its values; empty: anything
    std::string role_claim = "role";  ///< see JwtVerifier; as /realm_access/roles it is a member of a member
    std::string collections_claim = "collections";  ///< the same; an array of names, or absent for all
    std::chrono::seconds leeway{30};                ///< by how much clocks may differ
};

/// Judges JSON Web Tokens (RFC 7519) as RFC 8725 has it: signed in compact form with a public key of the
/// file, by an algorithm of that key's own kind (RSA of 2048 bits and more: RS256, RS384, RS512, PS256,
/// PS384, PS512, or the one that the JWK names; P-256: ES256; P-384: ES384; P-521: ES512). `none`, secret
/// keys, and whatever a token says of its own keys (`jku`, `jwk`, `x5u`, `x5c`) count for nothing; critical
/// extensions are refused. `exp` must be there and in the future, `nbf` in the past. The role claim is a
/// role, an array with roles, or words with roles among them; the highest counts, and there must be one.
///
/// May be used by any number of threads, which never wait for `reload_if_changed`; one thread at a time calls
/// that. A token costs what verifying its signature costs when it first comes, and later a look into a table.
class JwtVerifier {
  public:
    /// No token is longer.
    static constexpr std::size_t kLongest = 8192;

    /// Throws Error(not_found, permission_denied or io) when the file cannot be read, Error(malformed) when
    /// it is none of these, and Error(invalid_argument) for keys that cannot be used.
    explicit JwtVerifier(JwtOptions options);
    ~JwtVerifier();

    /// Whose token that is; nothing when it is not good.
    std::optional<Principal> find(std::string_view token, std::chrono::system_clock::time_point now) const;

    /// Reads the keys again when their file has changed, and says whether it has. When that fails it throws
    /// as the constructor does, once for each change, and the keys are as they were.
    bool reload_if_changed();

  private:
    struct State;

    JwtOptions options_;
    FileStamp stamp_;
    Published<const State> state_;
};

}  // namespace crowfly
