#include "store/queryables.h"

#include <algorithm>

namespace crowfly {

std::vector<cql2::Queryable> queryables(const Schema& schema) {
    std::vector<cql2::Queryable> all{
        {"id", AttributeType::text}, {"name", AttributeType::text}, {"category", AttributeType::text}};
    all.insert(all.end(), schema.attributes.begin(), schema.attributes.end());
    return all;
}

cql2::ValueView view_of(const Value& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag;
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
    if (const auto* real = std::get_if<double>(&value)) return *real;
    if (const auto* text = std::get_if<std::string>(&value)) return std::string_view(*text);
    return {};
}

cql2::ValueView PlaceValues::value(std::size_t queryable) const {
    switch (queryable) {
        case kIdQueryable:
            return std::string_view(place_.id);
        case kNameQueryable:
            return text_or_null(place_.name);
        case kCategoryQueryable:
            return text_or_null(place_.category);
        default:
            break;
    }
    const std::string& name = schema_.attributes[queryable - kFirstAttribute].name;
    const auto given = std::find_if(place_.properties.begin(), place_.properties.end(),
                                    [&](const Property& property) { return property.name == name; });
    return given == place_.properties.end() ? cql2::ValueView() : view_of(given->value);
}

}  // namespace crowfly
