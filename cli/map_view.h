#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/domain.h"
#include "core/lonlat.h"

namespace crowfly {

/// Which part of the earth, or of the plane, a map shows, and where on it a position comes to lie. On WGS84
/// longitudes are counted on from the west edge, so that they may pass 180.
class MapView {
  public:
    /// In pixels.
    static constexpr double kWidth = 1000;
    static constexpr double kLeastHeight = 380;
    static constexpr double kGreatestHeight = 1000;

    /// Holds the positions, with some room around them.
    MapView(std::span<const LonLat> positions, Crs crs);

    bool is_earth() const noexcept { return crs_ == Crs::wgs84; }
    double height() const noexcept { return (north_ - south_) * pixels_per_y_; }
    double west() const noexcept { return west_; }
    double east() const noexcept { return east_; }
    double south() const noexcept { return south_; }
    double north() const noexcept { return north_; }

    /// The longitude, plus or minus 360, that is at most 180 from `near`; on the plane x as it is.
    double unwrapped(double lon, double near) const noexcept;

    /// The longitude that is from the west edge on; on the plane x as it is.
    double from_west(double lon) const noexcept;

    double x(double unwrapped_lon) const noexcept { return (unwrapped_lon - west_) * pixels_per_x_; }
    double y(double lat) const noexcept { return (north_ - lat) * pixels_per_y_; }

    /// What a pixel stands for in the middle of the map: metres, or the plane's unit.
    double pixel_size() const noexcept;

  private:
    void fit_longitudes(std::span<const LonLat> positions);
    void pad();
    void set_scale();

    Crs crs_;
    double west_ = -180, east_ = 180, south_ = -90, north_ = 90;
    double pixels_per_x_ = 1, pixels_per_y_ = 1;
};

/// The `d` of an SVG path, from positions. What is not in the view is left out.
class MapPath {
  public:
    explicit MapPath(const MapView& view) : view_(view) {}

    /// A dot, for a stroke with round ends; once for each half pixel.
    void dot(LonLat position);

    /// A line through the positions, or a ring, at every place of the view that it comes to lie at.
    /// Longitudes take the shorter way; a ring around a pole is closed along it, and what is but a speck is a
    /// dot.
    void trace(std::span<const LonLat> positions, bool is_ring);

    const std::string& text() const noexcept { return text_; }

    /// How many dots are in it.
    std::size_t dot_count() const noexcept { return dots_.size(); }

  private:
    struct Pixel {
        double x, y;
    };
    void clip(std::vector<Pixel>& ring) const;
    void draw(std::span<const Pixel> pixels, bool is_ring);
    void number(double value);
    void position(Pixel pixel);

    const MapView& view_;
    std::string text_;
    std::unordered_set<std::uint64_t> dots_;
    std::vector<Pixel> pixels_;
    std::vector<Pixel> shifted_;
};

}  // namespace crowfly
