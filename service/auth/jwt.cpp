#include "service/auth/jwt.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <limits>
#include <utility>

#include "service/auth/jose.h"
#include "service/auth/jwt_keys.h"
#include "service/auth/token_cache.h"

namespace crowfly {
namespace {

constexpr std::size_t kLongestSubject = 256;

std::optional<CompactToken> split(std::string_view token) {
    const std::size_t first = token.find('.');
    const std::size_t second = token.find('.', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    const CompactToken parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                             token.substr(second + 1)};
    constexpr std::string_view kAlphabet = JOSE_B64_MAP;
    for (const std::string_view part : {parts.header, parts.payload, parts.signature}) {
        if (part.empty() || part.find_first_not_of(kAlphabet) != std::string_view::npos) return std::nullopt;
    }
    return parts;
}

/// The JSON object that a part is; null when it is none, or one with a member that comes twice.
Json object_of(std::string_view part) {
    std::string text(part.size(), '\0');
    const std::size_t size = jose_b64_dec_buf(part.data(), part.size(), text.data(), text.size());
    if (size == SIZE_MAX) return nullptr;
    Json value(json_loadb(text.data(), size, JSON_REJECT_DUPLICATES, nullptr));
    return json_is_object(value.get()) ? std::move(value) : nullptr;
}

std::optional<std::string_view> text_of(const json_t* value) {
    if (!json_is_string(value)) return std::nullopt;
    return std::string_view(json_string_value(value), json_string_length(value));
}

bool equal_but_for_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
    });
}

/// Whether a type is named that is not that of an access token (RFC 8725, 3.11).
bool is_of_another_type(const json_t* header) {
    const json_t* type = json_object_get(header, "typ");
    if (type == nullptr) return false;
    std::string_view text = text_of(type).value_or("?");
    constexpr std::string_view kMedia = "application/";
    if (equal_but_for_case(text.substr(0, kMedia.size()), kMedia)) text.remove_prefix(kMedia.size());
    return !equal_but_for_case(text, "JWT") && !equal_but_for_case(text, "at+jwt");
}

bool is_signed(const CompactToken& token, const JwtKeys& keys) {
    const Json header = object_of(token.header);
    if (!header || json_object_get(header.get(), "crit") != nullptr || is_of_another_type(header.get()))
        return false;
    const auto algorithm = text_of(json_object_get(header.get(), "alg"));
    const json_t* kid = json_object_get(header.get(), "kid");
    if (!algorithm || (kid != nullptr && !json_is_string(kid))) return false;
    return keys.verify(token, *algorithm, text_of(kid));
}

double seconds_of(std::chrono::system_clock::time_point time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

/// When the claims are good, in seconds since 1970.
struct Window {
    double from_s;
    double until_s;
};

std::optional<Window> window_of(const json_t* claims, std::chrono::seconds leeway) {
    const json_t* expires = json_object_get(claims, "exp");
    const json_t* not_before = json_object_get(claims, "nbf");
    if (!json_is_number(expires) || (not_before != nullptr && !json_is_number(not_before)))
        return std::nullopt;
    const auto slack = static_cast<double>(leeway.count());
    const double from = not_before == nullptr ? -std::numeric_limits<double>::infinity()
                                              : json_number_value(not_before) - slack;
    return Window{from, json_number_value(expires) + slack};
}

/// All texts of an array; nothing when it is no array of texts.
std::optional<std::vector<std::string>> texts_of(const json_t* value) {
    if (!json_is_array(value)) return std::nullopt;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < json_array_size(value); ++i) {
        const auto text = text_of(json_array_get(value, i));
        if (!text) return std::nullopt;
        texts.emplace_back(*text);
    }
    return texts;
}

bool is_for(const json_t* audience, std::string_view wanted) {
    if (const auto text = text_of(audience)) return *text == wanted;
    const auto texts = texts_of(audience);
    return texts && std::find(texts->begin(), texts->end(), wanted) != texts->end();
}

/// The claim of that name; or, for a name that begins with a slash, what stands there, member by member.
const json_t* claim_at(const json_t* claims, std::string_view name) {
    if (!name.starts_with('/')) return json_object_get(claims, std::string(name).c_str());
    while (claims != nullptr && !name.empty()) {
        const std::size_t end = std::min(name.find('/', 1), name.size());
        claims = json_object_get(claims, std::string(name.substr(1, end - 1)).c_str());
        name.remove_prefix(end);
    }
    return claims;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        words.emplace_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

std::optional<Role> role_of(const json_t* claim) {
    const auto text = text_of(claim);
    std::optional<Role> highest;
    for (const std::string& word :
         text ? words_of(*text) : texts_of(claim).value_or(std::vector<std::string>())) {
        const auto role = role_named(word);
        if (role && (!highest || *role > *highest)) highest = role;
    }
    return highest;
}

std::optional<Principal> principal_of(const json_t* claims, const JwtOptions& options) {
    Principal principal{.id = "jwt"};
    const auto role = role_of(claim_at(claims, options.role_claim));
    if (!role) return std::nullopt;
    principal.role = *role;
    if (const json_t* subject = json_object_get(claims, "sub")) {
        const auto text = text_of(subject);
        if (!text || text->size() > kLongestSubject) return std::nullopt;
        principal.id.append(1, ':').append(*text);
    }
    if (const json_t* collections = claim_at(claims, options.collections_claim)) {
        auto names = texts_of(collections);
        // None at all must not come to stand for all of them.
        if (!names || names->empty()) return std::nullopt;
        principal.collections = std::move(*names);
    }
    return principal;
}

}  // namespace

/// Keys, and the tokens that they have been found to have signed: other keys know nothing of these.
struct JwtVerifier::State {
    explicit State(const std::string& path) : keys(path) {}

    JwtKeys keys;
    mutable TokenCache good;
};

JwtVerifier::JwtVerifier(JwtOptions options)
    : options_(std::move(options)),
      stamp_(FileStamp::of(options_.key_file)),
      state_(std::make_shared<const State>(options_.key_file)) {}

JwtVerifier::~JwtVerifier() = default;

std::optional<Principal> JwtVerifier::find(std::string_view token,
                                           std::chrono::system_clock::time_point now) const {
    if (token.size() > kLongest) return std::nullopt;
    const auto state = state_.load();
    const double now_s = seconds_of(now);
    if (auto known = state->good.find(token, now_s)) return known;
    const auto parts = split(token);
    if (!parts || !is_signed(*parts, state->keys)) return std::nullopt;
    const Json claims = object_of(parts->payload);
    const auto window = claims ? window_of(claims.get(), options_.leeway) : std::nullopt;
    if (!window || now_s < window->from_s || now_s >= window->until_s) return std::nullopt;
    const auto issuer = text_of(json_object_get(claims.get(), "iss"));
    if (!options_.issuer.empty() && issuer != options_.issuer) return std::nullopt;
    if (!options_.audience.empty() && !is_for(json_object_get(claims.get(), "aud"), options_.audience))
        return std::nullopt;
    auto principal = principal_of(claims.get(), options_);
    if (principal) state->good.add(token, {*principal, window->from_s, window->until_s}, now_s);
    return principal;
}

bool JwtVerifier::reload_if_changed() {
    const FileStamp stamp = FileStamp::of(options_.key_file);
    if (stamp == stamp_) return false;
    stamp_ = stamp;
    state_.store(std::make_shared<const State>(options_.key_file));
    return true;
}

}  // namespace crowfly
