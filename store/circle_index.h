#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

namespace crowfly {

/// Circles, which are balls in the space that a metric is indexed in, and which of them a point is in. They
/// are few beside the points that are asked about.
///
/// A grid for each size of circle, its cells some 2 to 4 times as wide as the circle's diameter: so a circle
/// is in at most 8 cells, which stay the same while it keeps its size, and a point asks one cell for each
/// size that there is. Cost, for s sizes: O(s) a point, and what its cells hold.
class CircleIndex {
  public:
    using Point = std::array<double, 3>;

    /// Makes the circle of that number the points whose squared straight distance from the centre is at most
    /// `square`, which may be infinite. Numbers should be small: there is a seat for each up to the greatest.
    void set(std::uint32_t number, const Point& centre, double square);

    /// The number then has no circle.
    void erase(std::uint32_t number);

    /// Appends the numbers of the circles that the point is in, each once.
    void find(const Point& point, std::vector<std::uint32_t>& numbers) const;

  private:
    enum class Where : std::uint8_t { nowhere, in_cells, everywhere };

    struct Circle {
        Point centre;
        double square;
        int level;
        Where where = Where::nowhere;
    };

    using Cell = std::array<double, 3>;  // whole numbers
    struct CellHash {
        std::size_t operator()(const Cell& cell) const noexcept;
    };

    /// Of the cells that are 2^level wide, those that hold a circle.
    using Grid = std::unordered_map<Cell, std::vector<std::uint32_t>, CellHash>;

    static Cell cell_of(const Point& point, int level);
    static std::vector<Cell> cells_around(const Point& centre, int level);

    std::vector<Circle> circles_;
    std::map<int, Grid> grids_;
    std::vector<std::uint32_t> everywhere_;
};

}  // namespace crowfly
