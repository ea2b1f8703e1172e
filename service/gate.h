#pragma once

#include <chrono>
#include <optional>

#include "core/error.h"
#include "service/auth/authenticator.h"
#include "service/http.h"
#include "service/rate_limit.h"

namespace crowfly {

/// Whoever sends the request has sent too many: 429.
class TooManyRequests : public Error {
  public:
    /// Whether it is the address that has, or else the key.
    TooManyRequests(bool is_address, std::chrono::nanoseconds wait);

    bool is_address() const noexcept { return is_address_; }

    /// After so many seconds, rounded up, there is room for one more.
    std::chrono::seconds retry_after() const noexcept { return retry_after_; }

  private:
    bool is_address_;
    std::chrono::seconds retry_after_;
};

/// Judges who may come in. May be used by any number of threads.
class Gate {
  public:
    /// Lets everybody in, as somebody who may do everything.
    Gate() : Gate(AuthOptions{}, {}, {}) {}

    /// A rate of 0 is none. Throws as Authenticator and RateLimit.
    Gate(AuthOptions auth, Rate rate_of_key, Rate rate_of_address);

    /// Who sends the request. Throws TooManyRequests, and Unauthenticated.
    Principal pass(const HttpRequest& request);

    Authenticator& authenticator() noexcept { return authenticator_; }

  private:
    Authenticator authenticator_;
    std::optional<RateLimit> of_key_;
    std::optional<RateLimit> of_address_;
};

}  // namespace crowfly
