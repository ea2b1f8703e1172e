#include "service/merge_patch.h"

#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <simdjson.h>

#include "core/error.h"
#include "formats/json_writer.h"
#include "service/problem.h"

namespace crowfly {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

using Members = std::map<std::string_view, element>;

/// Nothing for what is no object; of members that appear twice the first.
std::optional<Members> members_of(const std::optional<element>& value) {
    object found;
    if (!value || value->get(found) != simdjson::SUCCESS) return std::nullopt;
    Members members;
    for (const auto& [name, member] : found) members.emplace(name, member);
    return members;
}

void require_distinct_names(element patch, const Members& members, const std::string& pointer) {
    const object all = patch.get_object().value_unsafe();
    if (all.size() == members.size()) return;
    std::set<std::string_view> seen;
    for (const auto& [name, value] : all) {
        if (!seen.insert(name).second)
            throw InvalidRequest({{.pointer = pointer_to(pointer, shown(name)), .detail = "appears twice"}});
    }
}

/// MergePatch of RFC 7396, section 2; `target` is nothing where there was none.
void write_merged(JsonWriter& json, const std::optional<element>& target, element patch,
                  const std::string& pointer) {
    const auto changes = members_of(patch);
    if (!changes) {
        json.raw(simdjson::minify(patch));
        return;
    }
    require_distinct_names(patch, *changes, pointer);
    const Members before = members_of(target).value_or(Members());
    json.begin_object();
    for (const auto& [name, value] : before) {
        if (!changes->contains(name)) json.key(name).raw(simdjson::minify(value));
    }
    for (const auto& [name, value] : *changes) {
        if (value.is_null()) continue;
        const auto known = before.find(name);
        json.key(name);
        write_merged(json, known == before.end() ? std::nullopt : std::optional(known->second), value,
                     pointer_to(pointer, name));
    }
    json.end_object();
}

}  // namespace

std::string merge_patch(std::string_view document, std::string_view patch) {
    simdjson::dom::parser parser;
    simdjson::dom::parser patch_parser;
    element target;
    element changes;
    if (parser.parse(document.data(), document.size()).get(target) != simdjson::SUCCESS)
        throw Error(Code::internal, "a patch of what is not JSON");
    if (const auto error = patch_parser.parse(patch.data(), patch.size()).get(changes))
        throw Error(Code::malformed, fmt::format("the body is not JSON: {}", simdjson::error_message(error)));
    std::string merged;
    JsonWriter json(merged);
    write_merged(json, target, changes, "");
    return merged;
}

bool patches(std::string_view patch, std::string_view member) {
    simdjson::dom::parser parser;
    element changes;
    if (parser.parse(patch.data(), patch.size()).get(changes) != simdjson::SUCCESS) return false;
    const auto members = members_of(changes);
    return members && members->contains(member);
}

}  // namespace crowfly
