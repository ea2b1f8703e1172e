#include "store/place_tile.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/place_id.h"

namespace crowfly {
namespace {

constexpr std::int32_t kCellsAcross = 64;
constexpr std::int32_t kCellSide = kTileExtent / kCellsAcross;

// A shape that is smaller counts as a point.
constexpr double kLeastShape = 16;

// What shapes may take; what else is in the tile takes no more than the other half.
constexpr std::size_t kMostShapeBytes = kMostTileBytes / 2;

// A vertex takes at most two numbers of three bytes, as its way from the last is less than 2^14 units.
constexpr std::size_t kBytesOfVertex = 6;

/// What features tell of a place.
enum class Texts { all, ids, none };

struct PlainPlace {
    std::uint32_t row;
    TilePoint point;
};

struct LargeShape {
    std::uint32_t row;
    double size;
    const Geometry* shape;
};

/// Some places of a tile that are near each other.
struct Cell {
    std::uint64_t count = 0;
    std::uint64_t x = 0;  ///< sums
    std::uint64_t y = 0;
    std::uint32_t row = 0;  ///< of any of them

    void add(std::uint32_t of_row, TilePoint point) noexcept {
        ++count;
        x += static_cast<std::uint64_t>(point.x);
        y += static_cast<std::uint64_t>(point.y);
        row = of_row;
    }

    TilePoint middle() const noexcept {
        return {static_cast<std::int32_t>(x / count), static_cast<std::int32_t>(y / count)};
    }
};

/// What there is in a tile.
class TileContent {
  public:
    TileContent(const PlaceSnapshot& places, const TileFrame& frame) : frame_(frame) {
        const TileBounds bounds = frame.bounds();
        const Area area = Area::box(bounds.west, bounds.south, bounds.east, bounds.north, Crs::wgs84);
        visit_rows_in(area, places.rows(), [this](std::uint32_t row, LonLat position, const Geometry* shape) {
            add(row, position, shape);
        });
        const auto is_before = [&](std::uint32_t a, std::uint32_t b) {
            return compare_ids(places.id(a), places.id(b)) < 0;
        };
        if (is_plain()) {
            std::sort(plain_.begin(), plain_.end(),
                      [&](const PlainPlace& a, const PlainPlace& b) { return is_before(a.row, b.row); });
        }
        std::sort(shapes_.begin(), shapes_.end(), [&](const LargeShape& a, const LargeShape& b) {
            return a.size != b.size ? a.size > b.size : is_before(a.row, b.row);
        });
    }

    bool is_plain() const noexcept { return count_ <= kMostPlainPlaces; }
    const std::vector<PlainPlace>& plain() const noexcept { return plain_; }
    const std::vector<Cell>& cells() const noexcept { return cells_; }
    const std::vector<LargeShape>& shapes() const noexcept { return shapes_; }

  private:
    void add(std::uint32_t row, LonLat position, const Geometry* shape) {
        if (shape != nullptr) {
            const double size = frame_.size(*shape);
            if (size >= kLeastShape) {
                if (frame_.meets(*shape)) shapes_.push_back({row, size, shape});
                return;
            }
            // The middle of its coordinates may be on the other side of the earth.
            position = shape->positions().front();
        }
        if (const auto point = frame_.find(position)) add(row, *point);
    }

    void add(std::uint32_t row, TilePoint point) {
        if (++count_ <= kMostPlainPlaces) plain_.push_back({row, point});
        const std::int32_t cell = point.y / kCellSide * kCellsAcross + point.x / kCellSide;
        cells_[static_cast<std::size_t>(cell)].add(row, point);
    }

    const TileFrame& frame_;
    std::size_t count_ = 0;
    std::vector<PlainPlace> plain_;  // as long as there are not too many
    std::vector<Cell> cells_{std::size_t{kCellsAcross} * kCellsAcross};
    std::vector<LargeShape> shapes_;
};

/// A layer of a tile's content with some of its texts.
class LayerOfPlaces {
  public:
    LayerOfPlaces(const PlaceSnapshot& places, std::string_view name, Texts texts)
        : places_(places), texts_(texts), layer_(name) {}

    /// The largest shapes come first, and so are drawn below the others.
    void add_shapes(const TileContent& content, const TileFrame& frame) {
        for (const LargeShape& shape : content.shapes()) {
            for (const TileGeometry& geometry : frame.clip(*shape.shape)) add_shape(shape.row, geometry);
        }
    }

    void add_points(const TileContent& content) {
        if (content.is_plain()) {
            for (const auto& [row, point] : content.plain()) add_place(row, point);
            return;
        }
        for (const Cell& cell : content.cells()) {
            if (cell.count == 1) {
                add_place(cell.row, cell.middle());
            } else if (cell.count > 1) {
                layer_.begin_feature(cell.middle());
                layer_.add("count", cell.count);
                layer_.end_feature();
            }
        }
    }

    const MvtLayer& layer() const noexcept { return layer_; }

  private:
    void add_shape(std::uint32_t row, const TileGeometry& geometry) {
        std::size_t vertices = 0;
        for (const auto& sequence : geometry.sequences) vertices += sequence.size() + 1;
        if (layer_.size() + vertices * kBytesOfVertex + bytes_of_texts(row) > kMostShapeBytes) return;
        layer_.begin_feature(geometry);
        add_texts(row);
        layer_.end_feature();
    }

    void add_place(std::uint32_t row, TilePoint point) {
        layer_.begin_feature(point);
        add_texts(row);
        layer_.end_feature();
    }

    /// At most so many, with what else there is to a feature.
    std::size_t bytes_of_texts(std::uint32_t row) const {
        constexpr std::size_t kOther = 64;
        if (texts_ == Texts::none) return kOther;
        const std::size_t id = places_.id(row).size() + kOther;
        if (texts_ == Texts::ids) return id;
        return id + places_.name(row).size() + places_.category(row).size();
    }

    void add_texts(std::uint32_t row) {
        if (texts_ == Texts::none) return;
        layer_.add("id", places_.id(row));
        if (texts_ == Texts::ids) return;
        if (const auto name = places_.name(row); !name.empty()) layer_.add("name", name);
        if (const auto category = places_.category(row); !category.empty()) layer_.add("category", category);
    }

    const PlaceSnapshot& places_;
    Texts texts_;
    MvtLayer layer_;
};

}  // namespace

std::string place_tile(const PlaceSnapshot& places, std::string_view layer, TileAddress tile) {
    const TileFrame frame(tile);
    const TileContent content(places, frame);
    std::string bytes;
    // Without texts 4096 points and the shapes always fit.
    for (const Texts texts : {Texts::all, Texts::ids, Texts::none}) {
        LayerOfPlaces made(places, layer, texts);
        made.add_shapes(content, frame);
        made.add_points(content);
        bytes.clear();
        made.layer().write(bytes);
        if (bytes.size() <= kMostTileBytes) break;
    }
    return bytes;
}

}  // namespace crowfly
