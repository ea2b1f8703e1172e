#include "cli/table.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

namespace crowfly {
namespace {

constexpr std::size_t kColumns = 7;
using Row = std::array<std::string, kColumns>;
constexpr std::array<bool, kColumns> kRightAligned{true, false, false, false, true, true, true};

/// Characters of UTF-8 text, each taken as one cell wide. Control characters are shown as a replacement
/// character.
std::string printable(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) {
            result += "\xEF\xBF\xBD";
        } else {
            result += c;
        }
    }
    return result;
}

std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string neighbor_table(std::span<const NeighborPlace> neighbors, MetricKind metric) {
    const bool metres = metric != MetricKind::plane;
    std::vector<Row> rows{
        {"rank", "id", "name", "category", "lon", "lat", metres ? "distance_m" : "distance"}};
    for (const NeighborPlace& neighbor : neighbors) {
        const Place& place = neighbor.place;
        rows.push_back(
            {std::to_string(neighbor.rank), printable(place.id), printable(place.name),
             printable(place.category), fmt::format("{}", place.position.lon),
             fmt::format("{}", place.position.lat),
             metres ? fmt::format("{:.3f}", neighbor.distance) : fmt::format("{}", neighbor.distance)});
    }
    std::array<std::size_t, kColumns> widths{};
    for (const Row& row : rows) {
        for (std::size_t column = 0; column < kColumns; ++column) {
            widths[column] = std::max(widths[column], width(row[column]));
        }
    }
    std::string text;
    for (const Row& row : rows) {
        for (std::size_t column = 0; column < kColumns; ++column) {
            const std::string padding(widths[column] - width(row[column]), ' ');
            const bool last = column + 1 == kColumns;
            if (kRightAligned[column]) {
                text += padding + row[column];
            } else {
                text += row[column] + padding;
            }
            text += last ? "\n" : "  ";
        }
    }
    return text;
}

}  // namespace crowfly
