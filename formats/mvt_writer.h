#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace crowfly {

/// How many units a tile is wide and high.
inline constexpr std::int32_t kTileExtent = 4096;

/// A position in a tile: units from its western and from its northern side. What is beyond the sides has
/// coordinates below 0, or kTileExtent and more.
struct TilePoint {
    std::int32_t x;
    std::int32_t y;

    friend bool operator==(const TilePoint&, const TilePoint&) = default;
};

/// A geometry of one kind, as a tile has it.
struct TileGeometry {
    enum class Kind : std::uint8_t { points = 1, lines = 2, polygons = 3 };

    Kind kind = Kind::points;

    /// Of points a single one with all of them; lines of at least 2; rings of at least 3, the last not the
    /// first again. A polygon's outer ring has a positive area by the sum of x[i] y[i+1] - x[i+1] y[i], which
    /// is clockwise as seen, and its holes, which follow it, a negative one.
    std::vector<std::vector<TilePoint>> sequences = {};

    bool is_empty() const noexcept { return sequences.empty(); }
};

/// A layer of a Mapbox Vector Tile, version 2.1 (https://github.com/mapbox/vector-tile-spec), with the
/// layer's version 2 and an extent of 4096. Texts must be UTF-8.
///
///     MvtLayer layer("places");
///     layer.begin_feature({10, 20});
///     layer.add("name", "Mount Whitney");
///     layer.end_feature();
///     layer.write(tile);
class MvtLayer {
  public:
    explicit MvtLayer(std::string_view name) : name_(name) {}

    // A feature is begun, gets its properties, each of another key, and is ended.

    void begin_feature(TilePoint point);

    /// The geometry must not be empty.
    void begin_feature(const TileGeometry& geometry);
    void add(std::string_view key, std::string_view value);
    void add(std::string_view key, std::uint64_t value);
    void end_feature();

    std::size_t feature_count() const noexcept { return feature_count_; }

    /// How many bytes `write` appends, but for some hundred.
    std::size_t size() const noexcept { return features_.size() + keys_.bytes + values_.bytes; }

    /// Appends the layer to a tile, which is nothing but its layers one after the other. A layer without
    /// features is no layer: nothing is appended.
    void write(std::string& tile) const;

  private:
    /// Texts by their numbers, in the order in which they were first given.
    struct Dictionary {
        std::uint32_t number_of(std::string text);

        std::unordered_map<std::string, std::uint32_t> numbers = {};
        std::vector<const std::string*> texts = {};
        std::size_t bytes = 0;
    };

    void begin(TileGeometry::Kind kind);
    void move_to(std::span<const TilePoint> points);
    void line_to(std::span<const TilePoint> points);
    void put(TilePoint point);
    void add_encoded(std::string_view key, std::string value);

    std::string name_;
    Dictionary keys_;
    Dictionary values_;  // encoded messages
    std::string features_;
    std::size_t feature_count_ = 0;

    // The feature that has begun.
    TileGeometry::Kind kind_ = TileGeometry::Kind::points;
    TilePoint cursor_{};
    std::vector<std::uint32_t> geometry_;
    std::vector<std::uint32_t> tags_;
};

}  // namespace crowfly
