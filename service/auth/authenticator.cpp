#include "service/auth/authenticator.h"

#include <cctype>
#include <utility>

#include <fmt/format.h>

namespace crowfly {
namespace {

/// What follows "Bearer " (RFC 6750, 2.1; the scheme in any case); empty for another scheme.
std::string_view bearer(std::string_view authorization) {
    constexpr std::string_view kScheme = "bearer";
    if (authorization.size() <= kScheme.size()) return {};
    for (std::size_t i = 0; i < kScheme.size(); ++i) {
        if (std::tolower(static_cast<unsigned char>(authorization[i])) != kScheme[i]) return {};
    }
    authorization.remove_prefix(kScheme.size());
    const std::size_t begin = authorization.find_first_not_of(' ');
    if (begin == 0 || begin == std::string_view::npos) return {};
    return authorization.substr(begin);
}

template <class Source>
void reload(Source* source, const std::string& path, std::vector<std::string>& lines) try {
    if (source != nullptr && source->reload_if_changed())
        lines.push_back(path + ": has changed and was read again");
} catch (const Error& error) {
    lines.push_back(fmt::format("{}; what it had before still holds", error.what()));
}

}  // namespace

Unauthenticated::Unauthenticated(bool has_tried)
    : Error(Code::permission_denied,
            "a key or token is needed that is good: send \"Authorization: Bearer ...\""),
      has_tried_(has_tried) {}

std::string_view Unauthenticated::challenge() const noexcept {
    return has_tried_ ? "Bearer realm=\"crowfly\", error=\"invalid_token\"" : "Bearer realm=\"crowfly\"";
}

Authenticator::Authenticator(AuthOptions options) : options_(std::move(options)) {
    if (!options_.key_file.empty()) keys_ = std::make_unique<KeyStore>(options_.key_file);
    if (options_.jwt) tokens_ = std::make_unique<JwtVerifier>(*options_.jwt);
}

Principal Authenticator::authenticate(std::string_view authorization,
                                      std::chrono::system_clock::time_point now) const {
    if (!asks()) return {.role = Role::admin};
    if (authorization.empty()) {
        if (!options_.anonymous) throw Unauthenticated(false);
        return {.role = *options_.anonymous};
    }
    const std::string_view credential = bearer(authorization);
    std::optional<Principal> principal;
    if (keys_) principal = keys_->find(credential, now);
    if (tokens_ && !principal) principal = tokens_->find(credential, now);
    if (!principal) throw Unauthenticated(true);
    return std::move(*principal);
}

std::vector<std::string> Authenticator::reload_if_changed() {
    std::vector<std::string> lines;
    reload(keys_.get(), options_.key_file, lines);
    reload(tokens_.get(), options_.jwt ? options_.jwt->key_file : "", lines);
    return lines;
}

void require(const Principal& principal, Role needed) {
    if (principal.may(needed)) return;
    throw Error(Code::permission_denied, fmt::format("this needs the role {}; the key has the role {}",
                                                     name(needed), name(principal.role)));
}

void require(const Principal& principal, Role needed, std::string_view collection) {
    require(principal, needed);
    if (principal.may(needed, collection)) return;
    throw Error(Code::permission_denied, fmt::format("the key is not for the collection {}", collection));
}

}  // namespace crowfly
