#include "service/gate.h"

#include <string>

namespace crowfly {
namespace {

std::chrono::seconds rounded_up(std::chrono::nanoseconds wait) {
    return std::chrono::ceil<std::chrono::seconds>(wait);
}

}  // namespace

TooManyRequests::TooManyRequests(bool is_address, std::chrono::nanoseconds wait)
    : Error(Code::busy, std::string("too many requests ") +
                            (is_address ? "from this address" : "with this key") + "; try again in " +
                            std::to_string(rounded_up(wait).count()) + " s"),
      is_address_(is_address),
      retry_after_(rounded_up(wait)) {}

Gate::Gate(AuthOptions auth, Rate rate_of_key, Rate rate_of_address) : authenticator_(std::move(auth)) {
    if (rate_of_key.per_second > 0) of_key_.emplace(rate_of_key);
    if (rate_of_address.per_second > 0) of_address_.emplace(rate_of_address);
}

Principal Gate::pass(const HttpRequest& request) {
    const auto now = RateLimit::Clock::now();
    if (of_address_) {
        // Before the key is judged, so that keys cannot be guessed any faster.
        const auto wait = of_address_->take(rate_subject(request.peer), now);
        if (wait.count() > 0) throw TooManyRequests(true, wait);
    }
    Principal principal =
        authenticator_.authenticate(request.header("Authorization"), std::chrono::system_clock::now());
    if (of_key_ && !principal.id.empty()) {
        const auto wait = of_key_->take(principal.id, now);
        if (wait.count() > 0) throw TooManyRequests(false, wait);
    }
    return principal;
}

}  // namespace crowfly
