#include "service/service_options.h"

#include <fmt/format.h>

#include "service/listen_address.h"

namespace crowfly {
namespace {

void require_protected(const ServiceOptions& options) {
    const bool asks = !options.auth.key_file.empty() || !options.jwt.key_file.empty();
    if (asks || options.insecure || parse_listen_address(options.listen).address().is_loopback()) return;
    throw Error(
        Code::invalid_argument,
        fmt::format(
            "listen {}: is not a loopback address, and the service would ask nobody who they are; give "
            "it keys (`crowfly key add`, --keys) or --jwt-keys, or add --insecure if that is meant",
            options.listen));
}

}  // namespace

void require_consistent(const ServiceOptions& options) {
    if (options.store.empty())
        throw Error(Code::invalid_argument, "a store is needed, as `crowfly import` makes it");
    require_protected(options);
    if (options.tls_certificate.empty() != options.tls_key.empty())
        throw Error(Code::invalid_argument, "tls-cert and tls-key go together");
    const bool judges_tokens = !options.jwt.issuer.empty() || !options.jwt.audience.empty();
    if (judges_tokens && options.jwt.key_file.empty())
        throw Error(Code::invalid_argument, "jwt-issuer and jwt-audience need jwt-keys");
    if (options.auth.anonymous && options.auth.key_file.empty() && options.jwt.key_file.empty())
        throw Error(Code::invalid_argument,
                    "anonymous needs keys or jwt-keys: without them nobody is asked at all");
}

AuthOptions auth_of(const ServiceOptions& options) {
    AuthOptions auth = options.auth;
    if (!options.jwt.key_file.empty()) auth.jwt = options.jwt;
    return auth;
}

}  // namespace crowfly
