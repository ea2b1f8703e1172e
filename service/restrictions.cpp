#include "service/restrictions.h"

#include <fmt/format.h>

#include "core/error.h"
#include "formats/box_text.h"
#include "formats/cql2/json_parser.h"
#include "formats/cql2/predicate.h"
#include "formats/cql2/text_parser.h"
#include "formats/value.h"
#include "service/crs84.h"
#include "store/queryables.h"

namespace crowfly {
namespace {

std::optional<Area> box_of(QueryParameters& parameters, Crs crs) {
    const auto text = parameters.text("bbox");
    if (!text) return std::nullopt;
    try {
        return parse_box(*text, crs);
    } catch (const Error& error) {
        parameters.fault("bbox", error.what());
        return std::nullopt;
    }
}

std::optional<cql2::Expression> filter_of(QueryParameters& parameters) {
    const auto language = parameters.one_of("filter-lang", {"cql2-text", "cql2-json"});
    const auto text = parameters.text("filter");
    if (!text) return std::nullopt;
    try {
        return language == "cql2-json" ? cql2::parse_json(*text) : cql2::parse_text(*text);
    } catch (const Error& error) {
        parameters.fault("filter", error.what());
        return std::nullopt;
    }
}

void require_crs(QueryParameters& parameters, std::string_view name) {
    const auto crs = parameters.text(name);
    if (crs && *crs != kCrs84)
        parameters.fault(name, fmt::format("is \"{}\"; expected {}", shown(*crs), kCrs84));
}

/// The value of a queryable as a client has written it.
std::optional<cql2::Literal> literal_of(const std::string& text, AttributeType type) {
    const auto value = converted(Value(text), type);
    if (!value) return std::nullopt;
    if (const auto* truth = std::get_if<bool>(&*value)) return *truth;
    if (const auto* whole = std::get_if<std::int64_t>(&*value)) return *whole;
    if (const auto* real = std::get_if<double>(&*value)) return *real;
    return text;
}

/// What attributes must be equal to.
void add_attributes(QueryParameters& parameters, const Schema& schema,
                    std::vector<cql2::Expression>& conditions) {
    for (const cql2::Queryable& queryable : queryables(schema)) {
        const auto text = parameters.text(queryable.name);
        if (!text) continue;
        const auto literal = literal_of(*text, queryable.type);
        if (!literal) {
            parameters.fault(queryable.name,
                             fmt::format("is \"{}\"; expected {}", shown(*text), name(queryable.type)));
            continue;
        }
        conditions.push_back(cql2::Expression::of(
            cql2::Op::equal,
            {cql2::Expression::of_property(queryable.name), cql2::Expression::of(*literal)}));
    }
}

}  // namespace

Restrictions Restrictions::of(QueryParameters& parameters, const Schema& schema, bool attributes) {
    Restrictions restrictions{.box = box_of(parameters, schema.crs)};
    require_crs(parameters, "bbox-crs");
    require_crs(parameters, "filter-crs");
    std::vector<cql2::Expression> conditions;
    if (auto filter = filter_of(parameters)) conditions.push_back(std::move(*filter));
    if (attributes) add_attributes(parameters, schema, conditions);
    if (conditions.empty()) return restrictions;
    cql2::Expression filter = conditions.size() == 1
                                  ? std::move(conditions.front())
                                  : cql2::Expression::of(cql2::Op::logical_and, std::move(conditions));
    try {
        const cql2::Predicate judged(filter, queryables(schema));
    } catch (const Error& error) {
        parameters.fault("filter", error.what());
        return restrictions;
    }
    restrictions.filter = std::make_shared<const cql2::Expression>(std::move(filter));
    return restrictions;
}

}  // namespace crowfly
