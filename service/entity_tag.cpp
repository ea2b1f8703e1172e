#include "service/entity_tag.h"

#include <algorithm>

#include <fmt/format.h>
#include <xxhash.h>

#include "formats/geojson_writer.h"
#include "formats/text.h"
#include "service/problem.h"

namespace crowfly {
namespace {

[[noreturn]] void refuse_field(std::string_view name, std::string_view text) {
    throw Error(
        Code::malformed,
        fmt::format("{} \"{}\": expected * or entity tags in quotes with commas between", name, shown(text)));
}

/// Takes the entity tag, which may be weak, off the front.
std::string take_tag(std::string_view name, std::string_view& list) {
    const std::string_view whole = list;
    const std::size_t open = list.starts_with("W/") ? 2 : 0;
    if (list.size() <= open || list[open] != '"') refuse_field(name, whole);
    const std::size_t close = list.find('"', open + 1);
    if (close == std::string_view::npos) refuse_field(name, whole);
    std::string tag(list.substr(0, close + 1));
    list = trimmed(list.substr(close + 1));
    if (!list.empty() && list.front() != ',') refuse_field(name, whole);
    return tag;
}

}  // namespace

std::string entity_tag(std::string_view feature_members) {
    const XXH128_hash_t hash = XXH3_128bits(feature_members.data(), feature_members.size());
    return fmt::format("\"{:016x}{:016x}\"", hash.high64, hash.low64);
}

std::string entity_tag(const Place& place) {
    std::string text;
    JsonWriter json(text);
    write_feature_members(json, place);
    return entity_tag(text);
}

/// Several fields of the name are one list.
std::optional<Preconditions::Tags> Preconditions::read(const HttpRequest& request, std::string_view field) {
    if (request.fields == nullptr) return std::nullopt;
    const auto [first, last] =
        request.fields->equal_range(boost::beast::string_view(field.data(), field.size()));
    if (first == last) return std::nullopt;
    Tags tags;
    for (auto at = first; at != last; ++at) {
        std::string_view list = trimmed({at->value().data(), at->value().size()});
        if (list == "*") {
            tags.any = true;
            continue;
        }
        while (!list.empty()) {
            if (list.front() == ',') {
                list = trimmed(list.substr(1));
            } else {
                tags.tags.push_back(take_tag(field, list));
            }
        }
    }
    if (!tags.any && tags.tags.empty()) refuse_field(field, "");
    return tags;
}

/// A weak tag is never equal to a strong one but when they are compared weakly (RFC 9110, 8.8.3.2).
bool Preconditions::Tags::name(const std::optional<std::string>& tag, bool weakly) const {
    if (!tag) return false;
    return any || std::any_of(tags.begin(), tags.end(), [&](std::string_view one) {
               if (weakly && one.starts_with("W/")) one.remove_prefix(2);
               return one == *tag;
           });
}

Preconditions::Preconditions(const HttpRequest& request)
    : if_match_(read(request, "If-Match")), if_none_match_(read(request, "If-None-Match")) {}

void Preconditions::require_match(const std::optional<std::string>& tag) const {
    if (!if_match_ || if_match_->name(tag, false)) return;
    throw StatusError(412, tag ? "If-Match: the place has changed meanwhile; read it again"
                               : "If-Match: there is no such place");
}

void Preconditions::require(const std::optional<std::string>& tag) const {
    require_match(tag);
    if (!if_none_match_ || !if_none_match_->name(tag, true)) return;
    throw StatusError(412, "If-None-Match: the place is there already");
}

bool Preconditions::is_known(const std::string& tag) const {
    require_match(tag);
    return if_none_match_ && if_none_match_->name(tag, true);
}

}  // namespace crowfly
