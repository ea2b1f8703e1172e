#include "formats/cql2/json_parser.h"

#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/json_value.h"
#include "formats/text.h"

namespace crowfly::cql2 {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::string_view kPredicates =
    "and, or, not, =, <>, <, >, <=, >=, like, between, in or isNull; functions, geometries and intervals are "
    "not supported here";
constexpr std::string_view kScalars = "+, -, *, /, ^, %, div, casei or accenti";
constexpr std::size_t kAny = SIZE_MAX;

/// Where in the document something is.
struct Where {
    const Where* within = nullptr;
    std::string_view member = {};
    std::size_t number = 0;  ///< when there is no member

    std::string pointer() const {
        if (within == nullptr) return {};
        return within->pointer() + "/" + (member.empty() ? std::to_string(number) : std::string(member));
    }
};

[[noreturn]] void refuse(const Where& at, std::string_view found, std::string_view expected) {
    const std::string pointer = at.pointer();
    throw Error(Code::malformed, fmt::format("at {}: found {}; expected {}",
                                             pointer.empty() ? "its beginning" : pointer, found, expected));
}

Expression predicate(element json, const Where& at, std::size_t level);
Expression scalar(element json, const Where& at, std::size_t level);

void require_level(std::size_t level, const Where& at) {
    if (level > kDeepestFilter)
        refuse(at, "an operand", fmt::format("at most {} levels of operators", kDeepestFilter));
}

/// An operator with its operands.
struct Operation {
    Op op;
    simdjson::dom::array args;
    Where args_at;
    std::size_t level;

    element arg(std::size_t number) const { return args.at(number).value_unsafe(); }
    Where place(std::size_t number) const { return {.within = &args_at, .number = number}; }
    Expression scalar_arg(std::size_t number) const { return scalar(arg(number), place(number), level + 1); }
};

/// The only members that an object may have.
void require_members(simdjson::dom::object object, std::initializer_list<std::string_view> names,
                     const Where& at) {
    for (const auto& [key, value] : object) {
        bool is_known = false;
        for (const std::string_view name : names) is_known = is_known || key == name;
        if (!is_known) refuse({.within = &at, .member = key}, "a member of no meaning", "op and args alone");
    }
}

Operation operation(element json, const Where& at, std::size_t level, std::string_view expected) {
    require_level(level, at);
    simdjson::dom::object object;
    if (json.get(object) != simdjson::SUCCESS) refuse(at, json_type(json), "an object with op and args");
    std::string_view name;
    if (object.at_key("op").get(name) != simdjson::SUCCESS)
        refuse(at, "an object without op", "an object with op and args");
    require_members(object, {"op", "args"}, at);
    const auto op = op_named(name);
    if (!op) refuse({.within = &at, .member = "op"}, fmt::format("\"{}\"", name), expected);
    Operation found{*op, {}, {.within = &at, .member = "args"}, level};
    if (object.at_key("args").get(found.args) != simdjson::SUCCESS)
        refuse(at, fmt::format("\"{}\" without args", name), "args, an array of its operands");
    return found;
}

void require_count(const Operation& operation, std::size_t least, std::size_t most) {
    const std::size_t count = operation.args.size();
    if (count >= least && count <= most) return;
    refuse(operation.args_at, fmt::format("{} operands of \"{}\"", count, json_name(operation.op)),
           least == most ? fmt::format("{}", least) : fmt::format("at least {}", least));
}

Expression joined(const Operation& operation) {
    require_count(operation, 2, kAny);
    std::vector<Expression> args;
    std::size_t number = 0;
    for (const element arg : operation.args) {
        args.push_back(predicate(arg, operation.place(number), operation.level + 1));
        ++number;
    }
    return Expression::of(operation.op, std::move(args));
}

Expression negation(const Operation& operation) {
    require_count(operation, 1, 1);
    return Expression::of(operation.op,
                          {predicate(operation.arg(0), operation.place(0), operation.level + 1)});
}

Expression of_scalars(const Operation& operation, std::size_t count) {
    require_count(operation, count, count);
    std::vector<Expression> args;
    for (std::size_t i = 0; i < count; ++i) args.push_back(operation.scalar_arg(i));
    return Expression::of(operation.op, std::move(args));
}

bool is_pattern(const Expression& expression) {
    if (expression.op == Op::casei || expression.op == Op::accenti)
        return is_pattern(expression.args.front());
    return expression.op == Op::literal && std::holds_alternative<std::string>(expression.literal);
}

Expression likeness(const Operation& operation) {
    Expression like = of_scalars(operation, 2);
    if (!is_pattern(like.args[1]))
        refuse(operation.place(1), "no pattern", "a string, which casei or accenti may be put around");
    return like;
}

Expression list(const Operation& operation) {
    require_count(operation, 2, 2);
    const Where at = operation.place(1);
    simdjson::dom::array values;
    if (operation.arg(1).get(values) != simdjson::SUCCESS || values.size() == 0)
        refuse(at, json_type(operation.arg(1)), "an array of at least one value");
    std::vector<Expression> args{operation.scalar_arg(0)};
    std::size_t number = 0;
    for (const element value : values) {
        args.push_back(scalar(value, {.within = &at, .number = number}, operation.level + 1));
        ++number;
    }
    return Expression::of(operation.op, std::move(args));
}

Expression predicate(element json, const Where& at, std::size_t level) {
    if (json.is_bool()) return Expression::of(json.get_bool().value_unsafe());
    const Operation found = operation(json, at, level, kPredicates);
    switch (found.op) {
        case Op::logical_and:
        case Op::logical_or:
            return joined(found);
        case Op::logical_not:
            return negation(found);
        case Op::like:
            return likeness(found);
        case Op::in:
            return list(found);
        case Op::is_null:
            return of_scalars(found, 1);
        case Op::between:
            return of_scalars(found, 3);
        case Op::equal:
        case Op::not_equal:
        case Op::less:
        case Op::greater:
        case Op::less_equal:
        case Op::greater_equal:
            return of_scalars(found, 2);
        default:
            refuse({.within = &at, .member = "op"}, fmt::format("\"{}\"", json_name(found.op)), kPredicates);
    }
}

Expression instant(element json, Instant::Kind kind, const Where& at) {
    std::string_view text;
    std::optional<Instant> read;
    if (json.get(text) == simdjson::SUCCESS) read = parse_instant(text, kind);
    if (!read) {
        refuse(at, text.empty() ? json_type(json) : fmt::format("\"{}\"", text),
               kind == Instant::Kind::date ? "a day such as \"2012-08-10\""
                                           : "a time in UTC such as \"2012-08-10T05:30:00Z\"");
    }
    return Expression::of(*read);
}

std::string legal_text(std::string_view text, const Where& at) {
    if (const std::string_view fault = text_fault(text); !fault.empty())
        refuse(at, fmt::format("text that {}", fault), "UTF-8 without NUL bytes");
    return std::string(text);
}

Expression property(element json, const Where& at) {
    std::string_view name;
    if (json.get(name) != simdjson::SUCCESS || name.empty())
        refuse(at, json.is_string() ? "an empty name" : json_type(json), "the name of a property");
    return Expression::of_property(legal_text(name, at));
}

/// A property, an instant, or what is computed.
Expression scalar_object(element json, const Where& at, std::size_t level) {
    const simdjson::dom::object object = json.get_object().value_unsafe();
    element member;
    if (object.at_key("property").get(member) == simdjson::SUCCESS) {
        require_members(object, {"property"}, at);
        return property(member, {.within = &at, .member = "property"});
    }
    if (object.at_key("date").get(member) == simdjson::SUCCESS) {
        require_members(object, {"date"}, at);
        return instant(member, Instant::Kind::date, {.within = &at, .member = "date"});
    }
    if (object.at_key("timestamp").get(member) == simdjson::SUCCESS) {
        require_members(object, {"timestamp"}, at);
        return instant(member, Instant::Kind::timestamp, {.within = &at, .member = "timestamp"});
    }
    const Operation found = operation(json, at, level, kScalars);
    switch (found.op) {
        case Op::add:
        case Op::subtract:
        case Op::multiply:
        case Op::divide:
        case Op::whole_divide:
        case Op::modulo:
        case Op::power:
            return of_scalars(found, 2);
        case Op::casei:
        case Op::accenti:
            return of_scalars(found, 1);
        default:
            refuse({.within = &at, .member = "op"}, fmt::format("\"{}\"", json_name(found.op)), kScalars);
    }
}

Expression scalar(element json, const Where& at, std::size_t level) {
    require_level(level, at);
    switch (json.type()) {
        case element_type::BOOL:
            return Expression::of(json.get_bool().value_unsafe());
        case element_type::INT64:
            return Expression::of(json.get_int64().value_unsafe());
        case element_type::UINT64:
            return Expression::of(static_cast<double>(json.get_uint64().value_unsafe()));
        case element_type::DOUBLE:
            return Expression::of(json.get_double().value_unsafe());
        case element_type::STRING:
            return Expression::of(legal_text(json.get_string().value_unsafe(), at));
        case element_type::OBJECT:
            return scalar_object(json, at, level);
        default:
            refuse(at, json_type(json), "a property, a string, a number, true, false or an operation");
    }
}

}  // namespace

Expression parse_json(element json) {
    return predicate(json, {}, 1);
}

Expression parse_json(std::string_view json) {
    if (json.size() > kLongestFilter) {
        throw Error(Code::too_large,
                    fmt::format("{} bytes long; expected at most {}", json.size(), kLongestFilter));
    }
    simdjson::dom::parser parser;
    element root;
    if (const auto error = parser.parse(json.data(), json.size()).get(root); error != simdjson::SUCCESS)
        throw Error(Code::malformed, fmt::format("is not JSON: {}", simdjson::error_message(error)));
    return parse_json(root);
}

}  // namespace crowfly::cql2
