#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "service/auth/jwt.h"
#include "service/auth/key_store.h"
#include "service/auth/principal.h"

namespace crowfly {

/// It is not known who sends the request: 401. Says the same whatever was wrong.
class Unauthenticated : public Error {
  public:
    /// With `has_tried` a key or token was sent, and was not good.
    explicit Unauthenticated(bool has_tried);

    /// The value of the WWW-Authenticate field (RFC 6750, 3).
    std::string_view challenge() const noexcept;

  private:
    bool has_tried_;
};

struct AuthOptions {
    std::string key_file = {};           ///< as `crowfly key add` makes it; empty: none
    std::optional<JwtOptions> jwt = {};  ///< nothing: no tokens
    std::optional<Role> anonymous =
        {};  ///< of who sends no key; nothing: refused, if keys or tokens are asked for at all
};

/// Says who sends a request. May be used by any number of threads, which never wait for `reload_if_changed`.
class Authenticator {
  public:
    /// Throws as KeyStore and JwtVerifier.
    explicit Authenticator(AuthOptions options);

    /// Whether anybody is asked who they are: with a key file or tokens. Otherwise everybody may do
    /// everything.
    bool asks() const noexcept { return keys_ || tokens_; }

    /// `authorization` is the value of the field of that name, empty without one. What is sent must be good
    /// even where nothing needs to be sent. Throws Unauthenticated.
    Principal authenticate(std::string_view authorization, std::chrono::system_clock::time_point now) const;

    /// Reads what has changed of the files again, and gives a line for the log for each, which begins with
    /// its name. What can no longer be read stays as it was. To be called now and then by one thread.
    std::vector<std::string> reload_if_changed();

  private:
    AuthOptions options_;
    std::unique_ptr<KeyStore> keys_;
    std::unique_ptr<JwtVerifier> tokens_;
};

/// Throws Error(permission_denied) that says what is needed.
void require(const Principal& principal, Role needed);
void require(const Principal& principal, Role needed, std::string_view collection);

}  // namespace crowfly
