#include "service/query_parameters.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "formats/text.h"
#include "formats/value.h"

namespace crowfly {
namespace {

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            decoded += ' ';
        } else if (text[i] != '%') {
            decoded += text[i];
        } else {
            const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
            const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
            if (!high || !low) return std::nullopt;
            decoded += static_cast<char>(*high << 4U | *low);
            i += 2;
        }
    }
    if (!text_fault(decoded).empty()) return std::nullopt;
    return decoded;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        if (is_unreserved(c)) {
            encoded += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded += '%';
        encoded += kHex[byte >> 4U];
        encoded += kHex[byte & 0xFU];
    }
    return encoded;
}

RawParameter take_parameter(std::string_view& query) {
    const std::string_view text = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(text.size() + 1, query.size()));
    const std::string_view name = text.substr(0, text.find('='));
    return {text, name, text.substr(std::min(name.size() + 1, text.size()))};
}

QueryParameters::QueryParameters(std::string_view query, const std::vector<std::string_view>& known) {
    while (!query.empty()) {
        const RawParameter parameter = take_parameter(query);
        if (parameter.text.empty()) continue;
        auto name = percent_decoded(parameter.name, true);
        auto value = percent_decoded(parameter.value, true);
        if (!name || !value) {
            fault(name.value_or("?"), "is not percent-encoded UTF-8");
        } else if (std::find(known.begin(), known.end(), *name) == known.end()) {
            fault(shown(*name), known.empty()
                                    ? std::string("is not known; this takes no parameters")
                                    : fmt::format("is not known; expected {}", fmt::join(known, ", ")));
        } else if (text(*name)) {
            fault(*name, "appears twice");
        } else {
            values_.emplace_back(std::move(*name), std::move(*value));
        }
    }
}

std::optional<std::string> QueryParameters::text(std::string_view name) const {
    for (const auto& [known, value] : values_) {
        if (known == name) return value;
    }
    return std::nullopt;
}

std::optional<double> QueryParameters::number(std::string_view name, double least, double most) {
    const auto given = text(name);
    if (!given) return std::nullopt;
    const auto number = parse_double(*given);
    if (number && *number >= least && *number <= most) return number;
    fault(name, fmt::format("is \"{}\"; expected a number {}", shown(*given),
                            std::isinf(most) ? fmt::format("of at least {}", least)
                                             : fmt::format("from {} to {}", least, most)));
    return std::nullopt;
}

double QueryParameters::required_number(std::string_view name, double least, double most) {
    if (!text(name)) fault(name, "is required");
    return number(name, least, most).value_or(least);
}

std::optional<std::size_t> QueryParameters::whole(std::string_view name, std::size_t least,
                                                  std::size_t most) {
    const auto given = text(name);
    if (!given) return std::nullopt;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), number);
    if (error == std::errc() && end == given->data() + given->size() && number >= least && number <= most)
        return number;
    fault(name, fmt::format("is \"{}\"; expected a whole number from {} to {}", shown(*given), least, most));
    return std::nullopt;
}

std::optional<std::size_t> QueryParameters::whole_up_to(std::string_view name, std::size_t least,
                                                        std::size_t most) {
    const auto given = whole(name, least, std::numeric_limits<std::size_t>::max());
    return given ? std::min(*given, most) : given;
}

bool QueryParameters::flag(std::string_view name) {
    return one_of(name, {"true", "false"}) == "true";
}

std::optional<std::string> QueryParameters::one_of(std::string_view name,
                                                   std::initializer_list<std::string_view> names) {
    auto given = text(name);
    if (!given || std::find(names.begin(), names.end(), *given) != names.end()) return given;
    fault(name, fmt::format("is \"{}\"; expected one of {}", shown(*given), fmt::join(names, ", ")));
    return std::nullopt;
}

void QueryParameters::fault(std::string_view name, std::string detail) {
    faults_.push_back({.parameter = std::string(name), .detail = std::move(detail)});
}

void QueryParameters::finish() {
    if (!faults_.empty()) throw InvalidRequest(std::exchange(faults_, {}), Code::malformed);
}

void require_no_parameters(std::string_view query) {
    QueryParameters parameters(query, {"f"});
    parameters.one_of("f", {"json"});
    parameters.finish();
}

}  // namespace crowfly
