#include "store/collection.h"

#include <algorithm>
#include <set>

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <fmt/format.h>

#include "core/error.h"
#include "formats/text.h"

namespace crowfly {
namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void require_valid_name(std::string_view what, std::string_view name) {
    constexpr std::size_t kLongest = 63;
    const bool well_formed = !name.empty() && name.size() <= kLongest && is_letter(name.front()) &&
                             std::all_of(name.begin(), name.end(), [](char c) {
                                 return is_letter(c) || is_digit(c) || c == '_' || c == '-';
                             });
    if (!well_formed) {
        throw Error(
            Code::invalid_argument,
            fmt::format("{} \"{}\": expected 1 to {} letters, digits, _ and -, starting with a letter", what,
                        name, kLongest));
    }
}

/// Of its name or of the text that it is.
std::optional<PlaceFault> text_fault_of(const Property& property) {
    if (!text_fault(property.name).empty()) return PlaceFault{"properties", "a name is not text"};
    const auto* text = std::get_if<std::string>(&property.value);
    if (text == nullptr) return std::nullopt;
    const std::string_view fault = text_fault(*text);
    if (fault.empty()) return std::nullopt;
    return PlaceFault{property.name, std::string(fault)};
}

}  // namespace

void require_valid(const Schema& schema) {
    require_valid_name("collection", schema.name);
    for (const std::string_view reserved : {"gpkg_", "rtree_", "sqlite_", "crowfly_"}) {
        if (lower_case(schema.name).starts_with(reserved)) {
            throw Error(Code::invalid_argument,
                        fmt::format("collection \"{}\": names that start with {} are reserved", schema.name,
                                    reserved));
        }
    }
    std::set<std::string> taken{"fid", "id", "name", "category", "geometry", "properties"};
    for (const Attribute& attribute : schema.attributes) {
        require_valid_name("attribute", attribute.name);
        if (!taken.insert(lower_case(attribute.name)).second) {
            throw Error(
                Code::invalid_argument,
                fmt::format("attribute \"{}\": a column of that name is there already", attribute.name));
        }
    }
}

void Extent::grow(LonLat position) {
    min_lon = std::min(min_lon, position.lon);
    min_lat = std::min(min_lat, position.lat);
    max_lon = std::max(max_lon, position.lon);
    max_lat = std::max(max_lat, position.lat);
}

void grow(std::optional<Extent>& extent, std::span<const LonLat> vertices) {
    for (const LonLat vertex : vertices) {
        if (!extent) extent = Extent::of(vertex);
        extent->grow(vertex);
    }
}

std::optional<PlaceFault> place_fault(const Place& place, const Schema& schema) {
    if (place.shape != nullptr) {
        if (auto fault = geometry_fault(*place.shape, schema.crs))
            return PlaceFault{"geometry", std::move(fault->reason)};
    } else if (const auto fault = coordinate_fault(place.position, schema.crs)) {
        return PlaceFault{"geometry", fault->message};
    }
    for (const auto& [member, text] : {std::pair("id", &place.id), std::pair("name", &place.name),
                                       std::pair("category", &place.category)}) {
        if (const auto fault = text_fault(*text); !fault.empty())
            return PlaceFault{member, std::string(fault)};
    }
    for (const Property& property : place.properties) {
        if (auto fault = text_fault_of(property)) return fault;
        const auto declared =
            std::find_if(schema.attributes.begin(), schema.attributes.end(),
                         [&](const Attribute& attribute) { return attribute.name == property.name; });
        if (declared == schema.attributes.end()) continue;
        const std::optional<Value> typed = converted(property.value, declared->type);
        if (!typed || typed->index() != property.value.index()) {
            return PlaceFault{property.name, fmt::format("is not of type {}", crowfly::name(declared->type))};
        }
    }
    return std::nullopt;
}

std::uint64_t take_places(PlaceSource& source, const Schema& schema,
                          const std::function<bool(const Place&)>& take) {
    std::uint64_t taken = 0;
    for (Place place; source.next(place);) {
        if (const auto fault = place_fault(place, schema)) {
            source.refuse(fault->member, fault->reason);
            continue;
        }
        if (place.shape != nullptr) place.set_geometry(place.shape);
        if (place.id.empty()) place.id = random_uuid();
        if (take(place)) {
            ++taken;
        } else {
            source.refuse("id", fmt::format("\"{}\" appears twice", place.id));
        }
    }
    return taken;
}

bool PlaceList::next(Place& place) {
    if (next_ == places_.size()) return false;
    place = places_[next_++];
    return true;
}

void PlaceList::refuse(std::string_view member, const std::string& reason) {
    throw Error(Code::invalid_argument, fmt::format("place {}, {}: {}", next_, member, reason));
}

std::string random_uuid() {
    thread_local boost::uuids::random_generator generate;
    return boost::uuids::to_string(generate());
}

}  // namespace crowfly
