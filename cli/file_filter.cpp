#include "cli/file_filter.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "store/queryables.h"

namespace crowfly {
namespace {

const Value* value_of(const Place& place, std::string_view property) {
    const auto at = std::find_if(place.properties.begin(), place.properties.end(),
                                 [&](const Property& one) { return one.name == property; });
    return at == place.properties.end() ? nullptr : &at->value;
}

AttributeType type_of(std::string_view property, const std::vector<Place>& places) {
    for (const AttributeType type : {AttributeType::boolean, AttributeType::integer, AttributeType::real}) {
        const bool fits = std::all_of(places.begin(), places.end(), [&](const Place& place) {
            const Value* const value = value_of(place, property);
            return value == nullptr || converted(*value, type);
        });
        if (fits) return type;
    }
    return AttributeType::text;
}

/// What the filter asks for, with types.
std::vector<Attribute> attributes_of(const cql2::Expression& filter, const std::vector<Place>& places) {
    std::set<std::string, std::less<>> given;
    for (const Place& place : places) {
        for (const Property& property : place.properties) given.insert(property.name);
    }
    std::vector<Attribute> attributes;
    for (const std::string& name : cql2::properties_of(filter)) {
        const bool is_column = name == "id" || name == "name" || name == "category";
        if (!is_column && given.contains(name)) attributes.push_back({name, type_of(name, places)});
    }
    return attributes;
}

/// A place as the filter sees it.
Place typed(const Place& place, const std::vector<Attribute>& attributes) {
    Place typed{.id = place.id, .name = place.name, .category = place.category};
    for (const auto& [name, type] : attributes) {
        const Value* const value = value_of(place, name);
        if (value == nullptr) continue;
        typed.properties.push_back({name, converted(*value, type).value_or(*value)});
    }
    return typed;
}

}  // namespace

std::vector<Place> filtered(PlaceSource& source, const cql2::Expression& filter) {
    std::vector<Place> places;
    for (Place place; source.next(place);) places.push_back(place);
    const Schema schema{.name = "places", .attributes = attributes_of(filter, places)};
    const cql2::Predicate predicate(filter, queryables(schema));
    std::erase_if(places, [&](const Place& place) {
        const Place seen = typed(place, schema.attributes);
        return !predicate.passes(PlaceValues(seen, schema));
    });
    return places;
}

}  // namespace crowfly
