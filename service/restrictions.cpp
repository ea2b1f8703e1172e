#include "service/restrictions.h"

#include <fmt/format.h>

#include "core/error.h"
#include "formats/cql2/json_parser.h"
#include "formats/cql2/predicate.h"
#include "formats/cql2/text_parser.h"
#include "formats/value.h"
#include "store/queryables.h"

namespace crowfly {
namespace {

constexpr std::string_view kCrs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

/// The numbers between commas; nothing when one is none.
std::optional<std::vector<double>> numbers_of(std::string_view text) {
    std::vector<double> numbers;
    for (bool more = true; more;) {
        const std::size_t comma = text.find(',');
        more = comma != std::string_view::npos;
        const auto number = parse_double(text.substr(0, comma));
        if (!number) return std::nullopt;
        numbers.push_back(*number);
        if (more) text.remove_prefix(comma + 1);
    }
    return numbers;
}

std::optional<Area> box_of(QueryParameters& parameters, Crs crs) {
    const auto text = parameters.text("bbox");
    if (!text) return std::nullopt;
    const auto numbers = numbers_of(*text);
    if (!numbers || (numbers->size() != 4 && numbers->size() != 6)) {
        parameters.fault("bbox", fmt::format("is \"{}\"; expected west,south,east,north", shown(*text)));
        return std::nullopt;
    }
    const std::size_t upper = numbers->size() / 2;
    try {
        return Area::box((*numbers)[0], (*numbers)[1], (*numbers)[upper], (*numbers)[upper + 1], crs);
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
