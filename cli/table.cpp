#include "cli/table.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace crowfly {
namespace {

using Row = std::vector<std::string>;
constexpr std::size_t kFirstNumber = 4;  // the columns before it are texts, but for the rank

bool is_right_aligned(std::size_t column) {
    return column == 0 || column >= kFirstNumber;
}

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

/// A position that was computed: on the earth to the centimetre.
void add_computed(Row& row, LonLat position, MetricKind metric) {
    for (const double coordinate : {position.lon, position.lat}) {
        row.push_back(metric == MetricKind::plane ? fmt::format("{}", coordinate)
                                                  : fmt::format("{:.7f}", coordinate));
    }
}

Row row_of(const NeighborPlace& neighbor, MetricKind metric, bool with_shapes) {
    const Place& place = neighbor.place;
    Row row{std::to_string(neighbor.rank), printable(place.id), printable(place.name),
            printable(place.category)};
    if (place.shape != nullptr) {
        add_computed(row, place.position, metric);
    } else {
        row.push_back(fmt::format("{}", place.position.lon));
        row.push_back(fmt::format("{}", place.position.lat));
    }
    row.push_back(metric == MetricKind::plane ? fmt::format("{}", neighbor.distance)
                                              : fmt::format("{:.3f}", neighbor.distance));
    if (with_shapes) add_computed(row, neighbor.nearest_point.value_or(place.position), metric);
    return row;
}

}  // namespace

std::string neighbor_table(std::span<const NeighborPlace> neighbors, MetricKind metric) {
    const bool with_shapes = has_shapes(neighbors);
    std::vector<Row> rows{{"rank", "id", "name", "category", "lon", "lat",
                           metric == MetricKind::plane ? "distance" : "distance_m"}};
    if (with_shapes) rows.front().insert(rows.front().end(), {"nearest_lon", "nearest_lat"});
    for (const NeighborPlace& neighbor : neighbors) rows.push_back(row_of(neighbor, metric, with_shapes));
    const std::size_t columns = rows.front().size();
    std::vector<std::size_t> widths(columns);
    for (const Row& row : rows) {
        for (std::size_t column = 0; column < columns; ++column) {
            widths[column] = std::max(widths[column], width(row[column]));
        }
    }
    std::string text;
    for (const Row& row : rows) {
        for (std::size_t column = 0; column < columns; ++column) {
            const std::string padding(widths[column] - width(row[column]), ' ');
            text += is_right_aligned(column) ? padding + row[column] : row[column] + padding;
            text += column + 1 == columns ? "\n" : "  ";
        }
    }
    return text;
}

}  // namespace crowfly
