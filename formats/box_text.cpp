#include "formats/box_text.h"

#include <optional>
#include <vector>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/value.h"

namespace crowfly {
namespace {

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

}  // namespace

Area parse_box(std::string_view text, Crs crs) {
    const auto sides = numbers_of(text);
    if (!sides || (sides->size() != 4 && sides->size() != 6)) {
        throw Error(Code::invalid_argument,
                    fmt::format("\"{}\": expected WEST,SOUTH,EAST,NORTH, four finite numbers", text));
    }
    const std::size_t upper = sides->size() / 2;
    return Area::box((*sides)[0], (*sides)[1], (*sides)[upper], (*sides)[upper + 1], crs);
}

}  // namespace crowfly
