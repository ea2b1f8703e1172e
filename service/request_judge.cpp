#include "service/request_judge.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/cql2/json_parser.h"
#include "formats/cql2/predicate.h"
#include "formats/cql2/text_parser.h"
#include "formats/geojson_geometry.h"
#include "store/queryables.h"

namespace crowfly {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

/// `"a"`, `"a" or "b"`, `"a", "b" or "c"`.
std::string alternatives(std::initializer_list<std::string_view> names) {
    std::string text;
    for (const std::string_view* name = names.begin(); name != names.end(); ++name) {
        if (name != names.begin()) text += name + 1 == names.end() ? " or " : ", ";
        text += fmt::format("\"{}\"", *name);
    }
    return text;
}

/// As many names as fit a message.
std::string some_of(std::initializer_list<std::string_view> names) {
    constexpr std::size_t kLongest = 100;
    std::string text;
    for (const std::string_view name : names) {
        if (text.size() + name.size() > kLongest) return text + ", ...";
        if (!text.empty()) text += ", ";
        text += name;
    }
    return text;
}

/// West, south, east, north. Throws Error.
Area box_of(element value, Crs crs, LonLat (*project)(LonLat)) {
    simdjson::dom::array given;
    std::vector<double> sides;
    if (value.get(given) == simdjson::SUCCESS) {
        for (const element side : given) {
            double number = 0;
            if (side.get(number) != simdjson::SUCCESS) break;
            sides.push_back(number);
        }
    }
    const bool is_box = value.is_array() && sides.size() == given.size();
    if (!is_box || (sides.size() != 4 && sides.size() != 6)) {
        throw Error(Code::malformed, what_is(value) + "; expected [west, south, east, north], four numbers");
    }
    const std::size_t upper = sides.size() / 2;
    LonLat low{sides[0], sides[1]}, high{sides[upper], sides[upper + 1]};
    if (project != nullptr) {
        low = project(low);
        high = project(high);
    }
    return Area::box(low.lon, low.lat, high.lon, high.lat, crs);
}

/// Throws Error.
Area polygon_of(element value, Crs crs, LonLat (*project)(LonLat)) {
    const Geometry geometry = read_geojson_geometry(value);
    const bool is_polygon =
        geometry.type() == GeometryType::polygon || geometry.type() == GeometryType::multi_polygon;
    if (!is_polygon || geometry.is_empty()) {
        throw Error(Code::malformed,
                    fmt::format("is {} {}; expected a Polygon or MultiPolygon",
                                geometry.is_empty() ? "an empty" : "a", geojson_name(geometry.type())));
    }
    std::vector<std::vector<LonLat>> rings;
    for (std::size_t i = 0; i < geometry.sequence_count(); ++i) {
        const auto ring = geometry.sequence(i);
        rings.emplace_back(ring.begin(), ring.end());
        if (project != nullptr)
            std::transform(rings.back().begin(), rings.back().end(), rings.back().begin(), project);
    }
    return Area::polygon(rings, crs);
}

}  // namespace

std::string what_is(element value) {
    switch (value.type()) {
        case element_type::ARRAY:
            return "is an array";
        case element_type::OBJECT:
            return "is an object";
        default:
            return "is " + shown(simdjson::minify(value));
    }
}

void RequestJudge::members(object found, std::string_view pointer,
                           std::initializer_list<std::string_view> known) {
    std::vector<std::string_view> seen;
    for (const auto& [name, value] : found) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            fault(pointer_to(pointer, shown(name)), "is not known; expected " + some_of(known));
        } else if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
            fault(pointer_to(pointer, name), "appears twice");
        }
        seen.push_back(name);
        if (faults_.size() >= kMostFaults) return;
    }
}

std::optional<element> RequestJudge::required(object within, std::string_view pointer,
                                              std::string_view member) {
    element value;
    if (within[member].get(value) == simdjson::SUCCESS) return value;
    fault(pointer_to(pointer, member), "is required");
    return std::nullopt;
}

std::optional<std::string> RequestJudge::text(object request, std::string_view member) {
    element value;
    if (request[member].get(value) != simdjson::SUCCESS) return std::nullopt;
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) return std::string(text);
    fault(pointer_to("", member), what_is(value) + "; expected a string");
    return std::nullopt;
}

std::optional<bool> RequestJudge::flag(object request, std::string_view member) {
    element value;
    if (request[member].get(value) != simdjson::SUCCESS) return std::nullopt;
    bool flag = false;
    if (value.get(flag) == simdjson::SUCCESS) return flag;
    fault(pointer_to("", member), what_is(value) + "; expected true or false");
    return std::nullopt;
}

std::optional<double> RequestJudge::number(object request, std::string_view member, double least, double most,
                                           std::string_view expected) {
    element value;
    if (request[member].get(value) != simdjson::SUCCESS) return std::nullopt;
    double number = 0;
    if (value.get(number) == simdjson::SUCCESS && number >= least && number <= most) return number;
    fault(pointer_to("", member), fmt::format("{}; expected {}", what_is(value), expected));
    return std::nullopt;
}

std::optional<std::size_t> RequestJudge::whole(object request, std::string_view member, std::size_t least,
                                               std::size_t most) {
    element value;
    if (request[member].get(value) != simdjson::SUCCESS) return std::nullopt;
    double number = 0;
    const bool is_whole = value.get(number) == simdjson::SUCCESS && number == std::floor(number);
    if (is_whole && number >= static_cast<double>(least) && number <= static_cast<double>(most))
        return static_cast<std::size_t>(number);
    fault(pointer_to("", member),
          fmt::format("{}; expected a whole number from {} to {}", what_is(value), least, most));
    return std::nullopt;
}

std::optional<std::string> RequestJudge::one_of(object request, std::string_view member,
                                                std::initializer_list<std::string_view> names) {
    element value;
    if (request[member].get(value) != simdjson::SUCCESS) return std::nullopt;
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS && std::find(names.begin(), names.end(), text) != names.end())
        return std::string(text);
    fault(pointer_to("", member), what_is(value) + "; expected " + alternatives(names));
    return std::nullopt;
}

std::optional<std::vector<std::string>> RequestJudge::texts(object request, std::string_view member) {
    element value;
    if (request[member].get(value) != simdjson::SUCCESS) return std::nullopt;
    simdjson::dom::array given;
    if (value.get(given) != simdjson::SUCCESS) {
        fault(pointer_to("", member), what_is(value) + "; expected an array of strings");
        return std::nullopt;
    }
    std::vector<std::string> texts;
    for (const element one : given) {
        std::string_view text;
        if (one.get(text) != simdjson::SUCCESS) {
            fault(pointer_to(pointer_to("", member), std::to_string(texts.size())),
                  what_is(one) + "; expected a string");
            return std::nullopt;
        }
        texts.emplace_back(text);
    }
    return texts;
}

std::optional<cql2::Expression> RequestJudge::filter(object request) {
    const auto language = one_of(request, "filter-lang", {"cql2-json", "cql2-text"});
    element value;
    if (request["filter"].get(value) != simdjson::SUCCESS) return std::nullopt;
    std::string_view text;
    const bool is_text = value.get(text) == simdjson::SUCCESS;
    if (language && is_text != (*language == "cql2-text")) {
        fault("/filter", fmt::format("{}; expected {}, as filter-lang says", what_is(value),
                                     is_text ? "CQL2 JSON" : "CQL2 text"));
        return std::nullopt;
    }
    try {
        return is_text ? cql2::parse_text(text) : cql2::parse_json(value);
    } catch (const Error& error) {
        fault("/filter", fmt::format("is refused: {}", error.what()));
        return std::nullopt;
    }
}

std::shared_ptr<const Area> RequestJudge::area(object request, Crs crs, LonLat (*project)(LonLat)) {
    element box, polygon;
    const bool has_box = request["bbox"].get(box) == simdjson::SUCCESS;
    const bool has_polygon = request["area"].get(polygon) == simdjson::SUCCESS;
    if (has_box && has_polygon) {
        fault("/area", "is given, and so is bbox; expected one of them");
    } else if (has_box || has_polygon) {
        try {
            return std::make_shared<const Area>(has_box ? box_of(box, crs, project)
                                                        : polygon_of(polygon, crs, project));
        } catch (const Error& error) {
            const std::string_view text = error.what();
            fault(has_box ? "/bbox" : "/area",
                  text.starts_with("is ") ? std::string(text) : fmt::format("is refused: {}", text));
        }
    }
    return nullptr;
}

void RequestJudge::finish() {
    if (!faults_.empty()) throw InvalidRequest(std::move(faults_));
}

cql2::Filter judged_filter(std::optional<cql2::Expression> filter, const Schema& schema) {
    if (!filter) return nullptr;
    try {
        const cql2::Predicate judged(*filter, queryables(schema));
    } catch (const Error& error) {
        throw InvalidRequest({{.pointer = "/filter", .detail = fmt::format("is refused: {}", error.what())}});
    }
    return std::make_shared<const cql2::Expression>(std::move(*filter));
}

}  // namespace crowfly
