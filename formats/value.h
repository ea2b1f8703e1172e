#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace crowfly {

/// The text of a JSON array, object or very large number, kept as it is.
struct Json {
    std::string text;

    friend bool operator==(const Json&, const Json&) = default;
};

/// One property of a place. std::monostate is null.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, Json>;

/// The types that an attribute can be declared with.
enum class AttributeType { boolean, integer, real, text };

/// "boolean", "integer", "real" or "text".
std::string_view name(AttributeType type) noexcept;
std::optional<AttributeType> attribute_type_named(std::string_view name) noexcept;

/// A property that a collection gives a typed column of its own.
struct Attribute {
    std::string name;
    AttributeType type;

    friend bool operator==(const Attribute&, const Attribute&) = default;
};

/// The value as the type has it: null stays null, an integer may become a real, and text is parsed ("true",
/// "false", decimal numbers; empty text is null for all types but text). Nothing when it is not of that type.
std::optional<Value> converted(const Value& value, AttributeType type);

/// A finite decimal number, the whole of `text` but for white space around it and a plus sign.
std::optional<double> parse_double(std::string_view text) noexcept;

}  // namespace crowfly
