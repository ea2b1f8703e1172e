#include "store/place_tile.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "core/place_id.h"

namespace crowfly {
namespace {

constexpr std::size_t kCellsAcross = 64;

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
    LonLat position;
};

struct LargeShape {
    std::uint32_t row;
    double size;
    const Geometry* shape;
};

/// Some places of a tile that are near each other.
struct Cell {
    // Sums of coordinates are of whole numbers, so that the order of places does not matter.
    static constexpr double kFractions = 1e7;

    std::uint64_t count = 0;
    std::int64_t lon = 0;
    std::int64_t lat = 0;
    std::uint32_t row = 0;  ///< of any of them

    void add(std::uint32_t of_row, LonLat position) noexcept {
        ++count;
        lon += static_cast<std::int64_t>(position.lon * kFractions);
        lat += static_cast<std::int64_t>(position.lat * kFractions);
        row = of_row;
    }

    LonLat middle() const noexcept {
        const double parts = static_cast<double>(count) * kFractions;
        return {static_cast<double>(lon) / parts, static_cast<double>(lat) / parts};
    }
};

/// The cells of a tile, found without a logarithm for each place.
class Grid {
  public:
    explicit Grid(const TileFrame& frame) : frame_(frame) {
        for (std::size_t row = 0; row < kCellsAcross; ++row)
            south_[row] = frame.latitude(static_cast<double>(row + 1) / kCellsAcross);
        north_ = frame.latitude(0);
        stripes_of_degree_ = kStripes / (north_ - south_.back());
        for (std::size_t stripe = 0; stripe < kStripes; ++stripe)
            first_row_[stripe] = row_from(0, north_ - static_cast<double>(stripe) / stripes_of_degree_);
    }

    /// The position must be in the tile.
    Cell& at(LonLat position) noexcept {
        const auto stripe = static_cast<std::size_t>((north_ - position.lat) * stripes_of_degree_);
        // Rounding may have made a stripe's first row one too many.
        const std::size_t first = first_row_[std::min(stripe, kStripes - 1)];
        const std::size_t row = row_from(first == 0 ? 0 : first - 1, position.lat);
        const auto column = static_cast<std::size_t>(frame_.share_of_width(position) * kCellsAcross);
        return cells_[row * kCellsAcross + column];
    }

    const std::vector<Cell>& cells() const noexcept { return cells_; }

  private:
    static constexpr std::size_t kStripes = 512;

    std::size_t row_from(std::size_t row, double lat) const noexcept {
        while (row + 1 < kCellsAcross && lat <= south_[row]) ++row;
        return row;
    }

    const TileFrame& frame_;
    double north_;
    double stripes_of_degree_;                     // stripes are equally high in latitude
    std::array<double, kCellsAcross> south_;       // of each row
    std::array<std::size_t, kStripes> first_row_;  // of each stripe
    std::vector<Cell> cells_{kCellsAcross * kCellsAcross};
};

/// What there is in a tile.
class TileContent {
  public:
    TileContent(const PlaceSnapshot& places, const TileFrame& frame) : frame_(frame), grid_(frame) {
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
    const std::vector<Cell>& cells() const noexcept { return grid_.cells(); }
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
        if (!frame_.contains(position)) return;
        if (++count_ <= kMostPlainPlaces) plain_.push_back({row, position});
        grid_.at(position).add(row, position);
    }

    const TileFrame& frame_;
    std::size_t count_ = 0;
    std::vector<PlainPlace> plain_;  // as long as there are not too many
    Grid grid_;
    std::vector<LargeShape> shapes_;
};

/// A layer of a tile's content with some of its texts.
class LayerOfPlaces {
  public:
    LayerOfPlaces(const PlaceSnapshot& places, const TileFrame& frame, std::string_view name, Texts texts)
        : places_(places), frame_(frame), texts_(texts), layer_(name) {}

    /// The largest shapes come first, and so are drawn below the others.
    void add_shapes(const TileContent& content) {
        for (const LargeShape& shape : content.shapes()) {
            for (const TileGeometry& geometry : frame_.clip(*shape.shape)) add_shape(shape.row, geometry);
        }
    }

    void add_points(const TileContent& content) {
        if (content.is_plain()) {
            for (const auto& [row, position] : content.plain()) add_place(row, frame_.nearest(position));
            return;
        }
        for (const Cell& cell : content.cells()) {
            if (cell.count == 0) continue;
            const TilePoint middle = frame_.nearest(cell.middle());
            if (cell.count == 1) {
                add_place(cell.row, middle);
                continue;
            }
            layer_.begin_feature(middle);
            layer_.add("count", cell.count);
            layer_.end_feature();
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
    const TileFrame& frame_;
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
        LayerOfPlaces made(places, frame, layer, texts);
        made.add_shapes(content);
        made.add_points(content);
        bytes.clear();
        made.layer().write(bytes);
        if (bytes.size() <= kMostTileBytes) break;
    }
    return bytes;
}

}  // namespace crowfly
