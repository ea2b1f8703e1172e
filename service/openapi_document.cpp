#include "service/openapi_document.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include "core/version.h"
#include "formats/json_writer.h"
#include "service/openapi_parts.h"

namespace crowfly {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

/// Objects of several parts put together by name, such as the operations of a path. In the order they came.
class Groups {
  public:
    using Keep = std::function<bool(std::string_view group, std::string_view name)>;

    /// Takes in the members of the part's member of that name, if there is one.
    void add(element part, std::string_view member, const Keep& keep) {
        object groups;
        if (part[member].get(groups) != simdjson::SUCCESS) return;
        for (const auto& [group, members] : groups) {
            for (const auto& [name, value] : object(members)) {
                if (keep(group, name)) group_of(group).emplace_back(name, value);
            }
        }
    }

    void write(JsonWriter& json) const {
        json.begin_object();
        for (const auto& [group, members] : groups_) {
            json.key(group).begin_object();
            for (const auto& [name, value] : members) json.key(name).raw(simdjson::minify(value));
            json.end_object();
        }
        json.end_object();
    }

  private:
    using Members = std::vector<std::pair<std::string_view, element>>;

    Members& group_of(std::string_view name) {
        const auto found = std::find_if(groups_.begin(), groups_.end(),
                                        [&](const auto& group) { return group.first == name; });
        return found == groups_.end() ? groups_.emplace_back(name, Members()).second : found->second;
    }

    std::vector<std::pair<std::string_view, Members>> groups_;
};

array parts(simdjson::dom::parser& parser) {
    return parser.parse(kOpenApiParts.data(), kOpenApiParts.size());
}

RouteName operation_named(std::string_view path, std::string_view method) {
    RouteName operation{std::string(method), std::string(path)};
    for (char& c : operation.method) c = static_cast<char>(c - 'a' + 'A');
    return operation;
}

/// The members before paths and components; to what it says of itself comes the version.
void write_head(JsonWriter& json, object head) {
    for (const auto& [name, value] : head) {
        if (name == "paths" || name == "components") continue;
        json.key(name);
        if (name != "info") {
            json.raw(simdjson::minify(value));
            continue;
        }
        json.begin_object();
        for (const auto& [member, text] : object(value)) json.key(member).raw(simdjson::minify(text));
        json.key("version").string(kVersion).end_object();
    }
}

}  // namespace

std::string openapi_document(std::span<const RouteName> routes) {
    simdjson::dom::parser parser;
    Groups paths;
    Groups components;
    const array all = parts(parser);
    for (const element part : all) {
        paths.add(part, "paths", [&](std::string_view path, std::string_view method) {
            return std::find(routes.begin(), routes.end(), operation_named(path, method)) != routes.end();
        });
        components.add(part, "components", [](std::string_view, std::string_view) { return true; });
    }
    std::string document;
    JsonWriter json(document);
    json.begin_object();
    write_head(json, all.at(0));
    json.key("paths");
    paths.write(json);
    json.key("components");
    components.write(json);
    json.end_object();
    return document;
}

std::vector<RouteName> described_operations() {
    simdjson::dom::parser parser;
    std::vector<RouteName> operations;
    for (const element part : parts(parser)) {
        Groups().add(part, "paths", [&](std::string_view path, std::string_view method) {
            operations.push_back(operation_named(path, method));
            return false;
        });
    }
    return operations;
}

}  // namespace crowfly
