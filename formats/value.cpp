#include "formats/value.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "formats/text.h"

namespace crowfly {
namespace {

constexpr std::array<std::pair<AttributeType, std::string_view>, 4> kTypeNames{{
    {AttributeType::boolean, "boolean"},
    {AttributeType::integer, "integer"},
    {AttributeType::real, "real"},
    {AttributeType::text, "text"},
}};

template <class Number>
std::optional<Number> parse_number(std::string_view text) noexcept {
    text = trimmed(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text.starts_with('+')) return std::nullopt;
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return number;
}

std::optional<Value> parsed(std::string_view text, AttributeType type) {
    if (trimmed(text).empty()) return Value();
    switch (type) {
        case AttributeType::boolean:
            if (trimmed(text) == "true") return Value(true);
            if (trimmed(text) == "false") return Value(false);
            return std::nullopt;
        case AttributeType::integer:
            if (const auto integer = parse_number<std::int64_t>(text)) return Value(*integer);
            return std::nullopt;
        case AttributeType::real:
            if (const auto real = parse_double(text)) return Value(*real);
            return std::nullopt;
        case AttributeType::text:
            break;
    }
    return std::nullopt;
}

}  // namespace

std::string_view name(AttributeType type) noexcept {
    for (const auto& [known, name] : kTypeNames) {
        if (known == type) return name;
    }
    return {};
}

std::optional<AttributeType> attribute_type_named(std::string_view name) noexcept {
    for (const auto& [type, known] : kTypeNames) {
        if (known == name) return type;
    }
    return std::nullopt;
}

std::optional<Value> converted(const Value& value, AttributeType type) {
    if (std::holds_alternative<std::monostate>(value)) return value;
    if (const auto* text = std::get_if<std::string>(&value)) {
        return type == AttributeType::text ? value : parsed(*text, type);
    }
    switch (type) {
        case AttributeType::boolean:
            if (std::holds_alternative<bool>(value)) return value;
            return std::nullopt;
        case AttributeType::integer:
            if (std::holds_alternative<std::int64_t>(value)) return value;
            return std::nullopt;
        case AttributeType::real:
            if (std::holds_alternative<double>(value)) return value;
            if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
            return std::nullopt;
        case AttributeType::text:
            break;
    }
    return std::nullopt;
}

std::optional<double> parse_double(std::string_view text) noexcept {
    const auto number = parse_number<double>(text);
    if (!number || !std::isfinite(*number)) return std::nullopt;
    return number;
}

}  // namespace crowfly
