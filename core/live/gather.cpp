#include "core/live/gather.h"

#include <algorithm>
#include <numeric>

namespace crowfly {
namespace {

/// Where a row is.
struct Source {
    std::uint32_t row;
    std::uint32_t part;
    std::uint32_t seat;

    friend bool operator<(const Source& a, const Source& b) { return a.row < b.row; }
};

std::vector<Source> sources_of(std::span<const ColumnsPart> parts) {
    std::vector<Source> sources;
    std::size_t most = 0;
    for (const ColumnsPart& part : parts) most += part.columns.size();
    sources.reserve(most);
    for (std::size_t number = 0; number < parts.size(); ++number) {
        const auto [columns, dead] = parts[number];
        const auto sorted = static_cast<std::ptrdiff_t>(sources.size());
        for (std::size_t seat = 0; seat < columns.size(); ++seat) {
            if (dead != nullptr && dead->has(seat)) continue;
            sources.push_back(
                {columns.rows[seat], static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(seat)});
        }
        std::inplace_merge(sources.begin(), sources.begin() + sorted, sources.end());
    }
    return sources;
}

/// The column that `value` gives, source by source.
template <class Value>
auto column(const std::vector<Source>& sources, const Value& value) {
    std::vector<decltype(value(sources.front()))> values;
    values.reserve(sources.size());
    for (const Source& source : sources) values.push_back(value(source));
    return values;
}

/// Those of the rows that `order` names, in that order.
LiveColumns columns_of(std::span<const LiveRow> given, const std::vector<std::uint32_t>& order,
                       std::size_t attributes) {
    std::vector<std::uint32_t> rows;
    std::vector<LonLat> positions;
    std::vector<std::vector<std::uint32_t>> values(attributes);
    LiveColumns columns;
    for (const std::uint32_t i : order) {
        rows.push_back(given[i].row);
        positions.push_back(given[i].position);
        if (given[i].shape != nullptr) columns.shapes.push_back(given[i].shape);
        for (std::size_t a = 0; a < attributes; ++a) values[a].push_back(given[i].values[a]);
    }
    columns.rows = std::move(rows);
    columns.positions = std::move(positions);
    for (auto& of_attribute : values) columns.attributes.emplace_back(std::move(of_attribute));
    return columns;
}

}  // namespace

LiveColumns gather(std::span<const ColumnsPart> parts) {
    LiveColumns all;
    if (parts.empty()) return all;
    const std::vector<Source> sources = sources_of(parts);
    const auto columns = [&](const Source& source) -> const LiveColumns& {
        return parts[source.part].columns;
    };
    all.rows = column(sources, [](const Source& source) { return source.row; });
    all.positions =
        column(sources, [&](const Source& source) { return columns(source).positions[source.seat]; });
    if (std::any_of(parts.begin(), parts.end(),
                    [](const auto& part) { return !part.columns.shapes.empty(); })) {
        all.shapes =
            column(sources, [&](const Source& source) { return columns(source).shapes[source.seat]; });
    }
    for (std::size_t a = 0; a < parts.front().columns.attributes.size(); ++a) {
        all.attributes.emplace_back(column(
            sources, [&](const Source& source) { return columns(source).attributes[a][source.seat]; }));
    }
    return all;
}

SortedRows::SortedRows(std::span<const LiveRow> given, std::size_t attributes) {
    std::vector<std::uint32_t> order(given.size());
    std::iota(order.begin(), order.end(), 0U);
    // The last of those with one number comes first.
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return given[a].row != given[b].row ? given[a].row < given[b].row : a > b;
    });
    order.erase(std::unique(order.begin(), order.end(),
                            [&](std::uint32_t a, std::uint32_t b) { return given[a].row == given[b].row; }),
                order.end());
    for (const std::uint32_t i : order) rows.push_back(given[i].row);
    const auto shapes_begin = std::stable_partition(
        order.begin(), order.end(), [&](std::uint32_t i) { return given[i].shape == nullptr; });
    points = columns_of(given, {order.begin(), shapes_begin}, attributes);
    shapes = columns_of(given, {shapes_begin, order.end()}, attributes);
}

}  // namespace crowfly
