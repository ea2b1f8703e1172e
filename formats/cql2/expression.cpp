#include "formats/cql2/expression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

namespace crowfly::cql2 {
namespace {

constexpr std::array<std::pair<Op, std::string_view>, 22> kNames{{
    {Op::logical_and, "and"}, {Op::logical_or, "or"},   {Op::logical_not, "not"},
    {Op::equal, "="},         {Op::not_equal, "<>"},    {Op::less, "<"},
    {Op::greater, ">"},       {Op::less_equal, "<="},   {Op::greater_equal, ">="},
    {Op::like, "like"},       {Op::between, "between"}, {Op::in, "in"},
    {Op::is_null, "isNull"},  {Op::add, "+"},           {Op::subtract, "-"},
    {Op::multiply, "*"},      {Op::divide, "/"},        {Op::whole_divide, "div"},
    {Op::modulo, "%"},        {Op::power, "^"},         {Op::casei, "casei"},
    {Op::accenti, "accenti"},
}};

void collect_properties(const Expression& expression, std::set<std::string>& names) {
    if (expression.op == Op::property) names.insert(expression.property);
    for (const Expression& arg : expression.args) collect_properties(arg, names);
}

const std::string* text_of(const Expression& expression) noexcept {
    return expression.op == Op::literal ? std::get_if<std::string>(&expression.literal) : nullptr;
}

}  // namespace

Expression Expression::of(Literal literal) {
    constexpr double kWholeNumbers = 9007199254740992.0;  // 2^53
    if (const auto* real = std::get_if<double>(&literal)) {
        if (std::abs(*real) <= kWholeNumbers && std::trunc(*real) == *real)
            literal = static_cast<std::int64_t>(*real);
    }
    return {.op = Op::literal, .literal = std::move(literal)};
}

Expression Expression::of_property(std::string name) {
    return {.op = Op::property, .property = std::move(name)};
}

Expression Expression::of(Op op, std::vector<Expression> args) {
    std::size_t deepest = 0;
    for (const Expression& arg : args) deepest = std::max(deepest, arg.depth);
    return {.op = op, .args = std::move(args), .depth = deepest + 1};
}

bool is_predicate(const Expression& expression) noexcept {
    if (expression.op == Op::literal) return std::holds_alternative<bool>(expression.literal);
    return expression.op >= Op::logical_and && expression.op <= Op::is_null;
}

bool is_scalar(const Expression& expression) noexcept {
    return expression.op < Op::logical_and || expression.op > Op::is_null;
}

std::string_view json_name(Op op) noexcept {
    for (const auto& [known, name] : kNames) {
        if (known == op) return name;
    }
    return {};
}

std::optional<Op> op_named(std::string_view json_name) noexcept {
    for (const auto& [op, known] : kNames) {
        if (known == json_name) return op;
    }
    return std::nullopt;
}

std::vector<std::string> properties_of(const Expression& expression) {
    std::set<std::string> names;
    collect_properties(expression, names);
    return {names.begin(), names.end()};
}

std::optional<std::string> required_text(const Expression& expression, std::string_view property) {
    if (expression.op == Op::logical_and) {
        for (const Expression& arg : expression.args) {
            if (auto text = required_text(arg, property)) return text;
        }
        return std::nullopt;
    }
    if (expression.op != Op::equal) return std::nullopt;
    for (const std::size_t side : {0U, 1U}) {
        const Expression& named = expression.args[side];
        const std::string* text = text_of(expression.args[1 - side]);
        if (text != nullptr && named.op == Op::property && named.property == property) return *text;
    }
    return std::nullopt;
}

}  // namespace crowfly::cql2
