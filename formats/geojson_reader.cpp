#include "formats/geojson_reader.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <simdjson.h>

#include "core/error.h"
#include "formats/geojson_geometry.h"
#include "formats/json_value.h"
#include "formats/text.h"

namespace crowfly {
namespace {

using simdjson::dom::element_type;

/// Text for a member that is text in a place but may be a number in GeoJSON.
std::string text_of(simdjson::dom::element element, std::string_view member) {
    switch (element.type()) {
        case element_type::NULL_VALUE:
            return {};
        case element_type::STRING: {
            const std::string_view text = element.get_string().value_unsafe();
            if (text.find('\0') != std::string_view::npos)
                throw RowFault{std::string(member), "has a NUL character"};
            return std::string(text);
        }
        case element_type::INT64:
        case element_type::UINT64:
        case element_type::DOUBLE:
            return simdjson::minify(element);
        default:
            throw RowFault{std::string(member),
                           fmt::format("is {}; expected a string or a number", json_type(element))};
    }
}

/// Whether it is a point that is not empty.
bool is_point(simdjson::dom::element geometry) {
    std::string_view type;
    if (!geometry.is_object() || geometry["type"].get(type) != simdjson::SUCCESS || type != "Point")
        return false;
    simdjson::dom::array coordinates;
    return geometry["coordinates"].get(coordinates) != simdjson::SUCCESS || coordinates.size() > 0;
}

/// Collections of points are long: no Geometry is built for each.
LonLat position_of(simdjson::dom::element geometry) {
    simdjson::dom::array coordinates;
    if (geometry["coordinates"].get(coordinates) != simdjson::SUCCESS) {
        throw RowFault{"geometry.coordinates", "is missing or not an array; expected [longitude, latitude]"};
    }
    if (coordinates.size() < 2) {
        throw RowFault{"geometry.coordinates",
                       fmt::format("has {} numbers; expected [longitude, latitude]", coordinates.size())};
    }
    LonLat position{};
    for (const auto& [index, target] : {std::pair{0, &position.lon}, std::pair{1, &position.lat}}) {
        if (coordinates.at(static_cast<std::size_t>(index)).get(*target) != simdjson::SUCCESS) {
            throw RowFault{"geometry.coordinates", fmt::format("number {} is not a number", index + 1)};
        }
    }
    return position;
}

Geometry geometry_of(simdjson::dom::element geometry) {
    try {
        return read_geojson_geometry(geometry);
    } catch (const GeoJsonFault& fault) {
        const std::string within = fault.member().empty() ? "" : "." + fault.member();
        throw RowFault{"geometry" + within, fault.reason()};
    }
}

/// Names of WGS84 with longitude first, as old GeoJSON writes them.
bool names_wgs84(std::string_view crs) {
    constexpr std::array<std::string_view, 6> kNames{"urn:ogc:def:crs:OGC:1.3:CRS84",
                                                     "urn:ogc:def:crs:OGC::CRS84",
                                                     "urn:ogc:def:crs:EPSG::4326",
                                                     "EPSG:4326",
                                                     "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
                                                     "OGC:CRS84"};
    return std::find(kNames.begin(), kNames.end(), crs) != kNames.end();
}

void require_distinct_names(simdjson::dom::object object) {
    std::vector<std::string_view> names;
    for (const auto& [name, value] : object) names.push_back(name);
    std::sort(names.begin(), names.end());
    const auto twin = std::adjacent_find(names.begin(), names.end());
    if (twin != names.end()) throw RowFault{std::string(*twin), "appears twice"};
}

/// The member called `wanted`, or when that is empty the one that has the usual name, without regard to case
/// when none has it exactly. Empty, with no data, when there is none.
std::string_view member_called(simdjson::dom::object object, std::string_view wanted,
                               std::string_view usual) {
    std::string_view similar;
    for (const auto& [name, value] : object) {
        if (name == (wanted.empty() ? usual : wanted)) return name;
        if (wanted.empty() && similar.data() == nullptr && equal_ignoring_case(name, usual)) similar = name;
    }
    return similar;
}

}  // namespace

struct FeatureReader::Parser {
    simdjson::dom::parser json;
};

FeatureReader::FeatureReader(Input input, const ReadOptions& options, Rejects& rejects)
    : StreamReader(std::move(input), options, rejects), parser_(std::make_unique<Parser>()) {
    if (!options.columns.lon.empty() || !options.columns.lat.empty() || !options.columns.geometry.empty()) {
        throw Error(Code::invalid_argument,
                    input_.name() +
                        ": the position of a GeoJSON Feature is its geometry; no column can stand in for it");
    }
}

FeatureReader::~FeatureReader() = default;

void FeatureReader::convert(Place& place) {
    simdjson::dom::element feature;
    if (const auto error = parser_->json.parse(feature_).get(feature)) {
        throw RowFault{"", fmt::format("is not JSON: {}", simdjson::error_message(error))};
    }
    std::string_view type;
    if (!feature.is_object() || feature["type"].get(type) != simdjson::SUCCESS || type != "Feature") {
        throw RowFault{"type", "expected an object of type Feature"};
    }
    simdjson::dom::element geometry;
    if (feature["geometry"].get(geometry) != simdjson::SUCCESS) throw RowFault{"geometry", "is missing"};
    if (is_point(geometry)) {
        set_position(place, position_of(geometry), "geometry.coordinates");
    } else if (geometry.is_null()) {
        set_no_geometry(place, "geometry", "is null; a place needs a geometry");
    } else {
        set_geometry(place, geometry_of(geometry), "geometry");
    }
    simdjson::dom::element id;
    if (feature["id"].get(id) == simdjson::SUCCESS) place.id = text_of(id, "id");

    simdjson::dom::element members;
    if (feature["properties"].get(members) != simdjson::SUCCESS || members.is_null()) return;
    simdjson::dom::object properties;
    if (members.get(properties) != simdjson::SUCCESS) {
        throw RowFault{"properties", fmt::format("is {}; expected an object or null", json_type(members))};
    }
    require_distinct_names(properties);
    const std::string_view name_member = member_called(properties, options_.columns.name, "name");
    const std::string_view category_member = member_called(properties, options_.columns.category, "category");
    // A property stands in for the Feature's own id when there is none, or when it was asked for.
    const bool wants_id = place.id.empty() || !options_.columns.id.empty();
    const std::string_view id_member =
        wants_id ? member_called(properties, options_.columns.id, "id") : std::string_view();
    for (const auto& [name, value] : properties) {
        if (name.data() == name_member.data()) {
            place.name = text_of(value, name);
        } else if (name.data() == category_member.data()) {
            place.category = text_of(value, name);
        } else if (name.data() == id_member.data()) {
            place.id = text_of(value, name);
        } else if (wants_property(name)) {
            add_property(place, name, json_value(value));
        }
    }
}

bool FeatureCollectionReader::read_record() {
    if (at_end_) return false;
    if (splitter_.next(feature_)) return true;
    at_end_ = true;
    if (!document_is_a_feature()) return false;
    feature_ = splitter_.skeleton();
    return true;
}

bool FeatureCollectionReader::document_is_a_feature() const {
    const auto fail = [this](const std::string& what) {
        throw Error(Code::malformed, fmt::format("{}: {}", input_.name(), what));
    };
    simdjson::dom::parser json;
    simdjson::dom::element document;
    if (const auto error = json.parse(splitter_.skeleton()).get(document)) {
        fail(fmt::format("is not JSON: {}", simdjson::error_message(error)));
    }
    std::string_view type;
    if (!document.is_object() || document["type"].get(type) != simdjson::SUCCESS ||
        (type != "FeatureCollection" && type != "Feature")) {
        fail("is not a GeoJSON FeatureCollection or Feature");
    }
    if (type == "FeatureCollection") {
        simdjson::dom::array left;
        if (document["features"].get(left) != simdjson::SUCCESS) fail("has no array \"features\"");
        // The splitter empties the array, unless the member's name is spelled with escapes.
        if (left.size() > 0) fail("spells the member \"features\" with escapes");
    }
    if (type == "Feature" && splitter_.ordinal() > 0) fail("is a Feature, yet has features of its own");
    std::string_view crs;
    if (options_.crs == Crs::wgs84 && document["crs"]["properties"]["name"].get(crs) == simdjson::SUCCESS &&
        !names_wgs84(crs)) {
        throw Error(Code::unsupported,
                    fmt::format("{}: the member \"crs\" names {}; expected WGS84 (OGC:CRS84, EPSG:4326)",
                                input_.name(), crs));
    }
    return type == "Feature";
}

std::string FeatureCollectionReader::describe(std::string_view member) const {
    return splitter_.ordinal() == 0 || member.empty()
               ? std::string(member)
               : fmt::format("feature {}, {}", splitter_.ordinal(), member);
}

bool FeatureLinesReader::read_record() {
    while (read_line()) {
        if (feature_.starts_with('\x1E')) feature_.erase(0, 1);
        if (feature_.find_first_not_of(" \t\r") != std::string::npos) return true;
    }
    return false;
}

bool FeatureLinesReader::read_line() {
    std::size_t searched = 0;
    for (;;) {
        const std::string_view window = input_.window();
        const std::size_t end = window.find('\n', searched);
        if (end != std::string_view::npos) {
            feature_ = window.substr(0, end);
            input_.consume(end + 1);
            break;
        }
        searched = window.size();
        if (searched > kLongestLine) {
            throw Error(Code::malformed,
                        fmt::format("{}:{}: the line is longer than 256 MiB", input_.name(), line_ + 1));
        }
        if (!input_.fill()) {
            if (input_.window().empty()) return false;
            feature_ = input_.window();
            input_.consume(feature_.size());
            break;
        }
    }
    ++line_;
    return true;
}

}  // namespace crowfly
