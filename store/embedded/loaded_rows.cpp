#include "store/embedded/loaded_rows.h"

#include <algorithm>

namespace crowfly {

bool has_more_properties(const Place& place, const Schema& schema, std::span<const Attribute> hot) {
    const auto is_in = [](std::span<const Attribute> attributes, const Property& property) {
        return std::any_of(attributes.begin(), attributes.end(),
                           [&](const Attribute& attribute) { return attribute.name == property.name; });
    };
    return std::any_of(place.properties.begin(), place.properties.end(), [&](const Property& property) {
        if (is_in(hot, property)) return false;
        // The column of a declared attribute does not tell null from absent.
        const bool is_null = std::holds_alternative<std::monostate>(property.value);
        return !is_null || !is_in(schema.attributes, property);
    });
}

std::uint32_t LoadedRows::add(const Place& place, const RowFacts& facts) {
    record_.clear();
    append_row_record(place, hot, facts.has_more, record_);
    const std::uint32_t number = columns->append(facts.fid, categories->add(place.category), record_);
    if (place.shape != nullptr) {
        shapes.resize(rows.size());
        shapes.push_back(place.shape);
    }
    rows.push_back(number);
    positions.push_back(place.position);
    if (facts.expires_at) expiries.emplace_back(number, *facts.expires_at);
    grow(extent, place.vertices());
    return number;
}

}  // namespace crowfly
