#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "formats/cql2/instant.h"

namespace crowfly::cql2 {

/// A text of more bytes is not read, and no expression is nested deeper.
inline constexpr std::size_t kLongestFilter = 65'536;
inline constexpr std::size_t kDeepestFilter = 64;

enum class Op : std::uint8_t {
    literal,
    property,
    logical_and,
    logical_or,
    logical_not,
    equal,
    not_equal,
    less,
    greater,
    less_equal,
    greater_equal,
    like,     ///< text, pattern
    between,  ///< value, least, greatest
    in,       ///< value, then those of the list
    is_null,
    add,
    subtract,
    multiply,
    divide,
    whole_divide,  ///< `div`
    modulo,
    power,
    casei,
    accenti,
};

using Literal = std::variant<bool, std::int64_t, double, std::string, Instant>;

/// A filter as CQL2 (OGC 21-065r2) has it, or a part of one. What parses is a predicate whose operands are in
/// the places where the grammar has them; whether there are such properties, and of such types, only a
/// `Predicate` knows.
///
/// A number that is whole is an integer, however it was written.
struct Expression {
    Op op = Op::literal;
    Literal literal = false;            ///< of Op::literal
    std::string property = {};          ///< of Op::property
    std::vector<Expression> args = {};  ///< of all others, as many as the operator has
    std::size_t depth = 1;              ///< 1 more than that of the deepest operand

    static Expression of(Literal literal);
    static Expression of_property(std::string name);
    static Expression of(Op op, std::vector<Expression> args);

    friend bool operator==(const Expression&, const Expression&) = default;
};

/// What a collection is searched with.
using Filter = std::shared_ptr<const Expression>;

/// Whether it is true or false of a place, and not a value: a comparison, one of `and`, `or` and `not`, or
/// the literal true or false.
bool is_predicate(const Expression& expression) noexcept;

/// Whether it can be compared: a property, a literal, or what is computed from these.
bool is_scalar(const Expression& expression) noexcept;

/// As CQL2 JSON has the operator: "and", "<=", "isNull".
std::string_view json_name(Op op) noexcept;
std::optional<Op> op_named(std::string_view json_name) noexcept;

/// The names of all properties in it, each once, in order.
std::vector<std::string> properties_of(const Expression& expression);

/// The text that the property must equal wherever the expression is true, when the expression says so
/// plainly: `category = 'x'`, alone or joined to others by AND.
std::optional<std::string> required_text(const Expression& expression, std::string_view property);

}  // namespace crowfly::cql2
