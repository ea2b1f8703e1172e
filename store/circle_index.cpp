#include "store/circle_index.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/metric/box.h"

namespace crowfly {
namespace {

// A micrometre, or a millionth of the plane's unit: smaller circles share the cells of these.
constexpr int kLeastLevel = -20;

// Beyond it a circle is everywhere, so that no cell's number overflows.
constexpr double kGreatestSquare = 1e200;

/// Of a circle whose radius is less than half as wide as a cell, by more than what rounding makes of squares.
int level_of(double square) {
    int level = 0;
    std::frexp(std::sqrt(square) * 2.05, &level);
    return std::max(level, kLeastLevel);
}

void remove(std::vector<std::uint32_t>& numbers, std::uint32_t number) {
    const auto at = std::find(numbers.begin(), numbers.end(), number);
    *at = numbers.back();
    numbers.pop_back();
}

}  // namespace

std::size_t CircleIndex::CellHash::operator()(const Cell& cell) const noexcept {
    std::uint64_t hash = 0;
    for (const double part : cell) {
        hash = (hash ^ std::bit_cast<std::uint64_t>(part)) * 0x9E37'79B9'7F4A'7C15U;
        hash ^= hash >> 29U;
    }
    return hash;
}

CircleIndex::Cell CircleIndex::cell_of(const Point& point, int level) {
    Cell cell;
    // Adding 0 makes -0 a 0, which has other bits.
    for (std::size_t d = 0; d < 3; ++d) cell[d] = std::floor(std::ldexp(point[d], -level)) + 0.0;
    return cell;
}

/// All cells within half a cell's width of the centre. Rounding is monotone, so a double that lies between
/// two others is in a cell between theirs, whatever the sums are rounded to.
std::vector<CircleIndex::Cell> CircleIndex::cells_around(const Point& centre, int level) {
    const double half = std::ldexp(1.0, level - 1);
    Point low = centre, high = centre;
    for (double& part : low) part -= half;
    for (double& part : high) part += half;
    const std::array<Cell, 3> along{cell_of(low, level), cell_of(centre, level), cell_of(high, level)};
    std::vector<Cell> cells;
    for (const Cell& x : along) {
        for (const Cell& y : along) {
            for (const Cell& z : along) cells.push_back({x[0], y[1], z[2]});
        }
    }
    std::sort(cells.begin(), cells.end());
    cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
    return cells;
}

void CircleIndex::set(std::uint32_t number, const Point& centre, double square) {
    if (number >= circles_.size()) circles_.resize(number + std::size_t{1});
    Circle& circle = circles_[number];
    const Where where = square > kGreatestSquare ? Where::everywhere : Where::in_cells;
    const int level = where == Where::in_cells ? level_of(square) : 0;
    if (circle.where == where && circle.level == level && circle.centre == centre) {
        circle.square = square;
        return;
    }
    erase(number);
    circle = {centre, square, level, where};
    if (where == Where::everywhere) {
        everywhere_.push_back(number);
        return;
    }
    Grid& grid = grids_[level];
    for (const Cell& cell : cells_around(centre, level)) grid[cell].push_back(number);
}

void CircleIndex::erase(std::uint32_t number) {
    if (number >= circles_.size()) return;
    Circle& circle = circles_[number];
    if (circle.where == Where::everywhere) remove(everywhere_, number);
    if (circle.where == Where::in_cells) {
        const auto grid = grids_.find(circle.level);
        for (const Cell& cell : cells_around(circle.centre, circle.level)) {
            const auto held = grid->second.find(cell);
            remove(held->second, number);
            if (held->second.empty()) grid->second.erase(held);
        }
        if (grid->second.empty()) grids_.erase(grid);
    }
    circle.where = Where::nowhere;
}

void CircleIndex::find(const Point& point, std::vector<std::uint32_t>& numbers) const {
    numbers.insert(numbers.end(), everywhere_.begin(), everywhere_.end());
    for (const auto& [level, grid] : grids_) {
        const auto held = grid.find(cell_of(point, level));
        if (held == grid.end()) continue;
        for (const std::uint32_t number : held->second) {
            const Circle& circle = circles_[number];
            if (squared_straight_distance<3>(circle.centre, point) <= circle.square)
                numbers.push_back(number);
        }
    }
}

}  // namespace crowfly
