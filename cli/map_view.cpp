#include "cli/map_view.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>

#include "core/metric/earth.h"

namespace crowfly {
namespace {

constexpr double kRoom = 0.06;        // on each side, of the extent
constexpr double kLeastSpan = 0.02;   // degrees
constexpr double kNearlyRound = 300;  // degrees: from there on all of the earth is shown
constexpr double kDegree = std::numbers::pi / 180;

/// The longitude in the middle of the widest range without a position.
double emptiest_longitude(std::span<const LonLat> positions) {
    constexpr std::size_t kBins = 1440;
    std::array<bool, kBins> is_full{};
    for (const LonLat position : positions) {
        const double part = (position.lon + 180) / 360;
        is_full[std::min(static_cast<std::size_t>(part * kBins), kBins - 1)] = true;
    }
    std::size_t widest = 0;
    std::size_t widest_end = 0;
    std::size_t run = 0;
    for (std::size_t bin = 0; bin < 2 * kBins; ++bin) {
        run = is_full[bin % kBins] ? 0 : run + 1;
        if (run > widest && run <= kBins) {
            widest = run;
            widest_end = bin + 1;
        }
    }
    const double middle = static_cast<double>(widest_end) - static_cast<double>(widest) / 2;
    return widest == 0 ? -180 : std::remainder(middle * 360 / kBins - 180, 360);
}

}  // namespace

MapView::MapView(std::span<const LonLat> positions, Crs crs) : crs_(crs) {
    if (!positions.empty()) {
        const auto [low, high] = std::minmax_element(positions.begin(), positions.end(),
                                                     [](LonLat a, LonLat b) { return a.lat < b.lat; });
        south_ = low->lat;
        north_ = high->lat;
        fit_longitudes(positions);
        pad();
    }
    set_scale();
}

void MapView::fit_longitudes(std::span<const LonLat> positions) {
    if (is_earth()) west_ = emptiest_longitude(positions);
    const double cut = west_;
    west_ = east_ =
        is_earth() ? cut + std::fmod(positions.front().lon - cut + 720, 360) : positions.front().lon;
    for (const LonLat position : positions) {
        const double lon = is_earth() ? cut + std::fmod(position.lon - cut + 720, 360) : position.lon;
        west_ = std::min(west_, lon);
        east_ = std::max(east_, lon);
    }
}

/// Room around everything; and where the positions are around all of the earth, all of it.
void MapView::pad() {
    const double least = is_earth() ? kLeastSpan : std::max({std::abs(north_), std::abs(east_), 1.0}) * 1e-6;
    const double span = std::max({east_ - west_, north_ - south_, least});
    const auto widen = [&](double& low, double& high) {
        const double room = std::max((high - low) * kRoom, span * kRoom / 2);
        low -= room;
        high += room;
    };
    widen(west_, east_);
    widen(south_, north_);
    if (!is_earth()) return;
    south_ = std::max(south_, -90.0);
    north_ = std::min(north_, 90.0);
    if (east_ - west_ < kNearlyRound) return;
    const double middle = (west_ + east_) / 2;
    west_ = middle - 180;
    east_ = middle + 180;
}

/// Gives x and y the same scale in the middle of the map, and widens what is too flat or too high.
void MapView::set_scale() {
    const double shrink = is_earth() ? std::max(std::cos((south_ + north_) / 2 * kDegree), 0.1) : 1;
    const double greatest_x = (north_ - south_) * kWidth / kGreatestHeight / shrink;
    if (east_ - west_ < greatest_x) {
        const double middle = (west_ + east_) / 2;
        const double span = is_earth() ? std::min(greatest_x, 360.0) : greatest_x;
        west_ = middle - span / 2;
        east_ = middle + span / 2;
    }
    pixels_per_x_ = kWidth / (east_ - west_);
    pixels_per_y_ = pixels_per_x_ / shrink;
    const double lacking = kLeastHeight / pixels_per_y_ - (north_ - south_);
    if (lacking > 0) {
        south_ -= lacking / 2;
        north_ += lacking / 2;
        const double too_far_south = is_earth() ? std::max(-90 - south_, 0.0) : 0;
        const double too_far_north = is_earth() ? std::max(north_ - 90, 0.0) : 0;
        south_ = south_ + too_far_south - too_far_north;
        north_ = north_ + too_far_south - too_far_north;
    }
    if (!is_earth()) return;
    south_ = std::max(south_, -90.0);
    north_ = std::min(north_, 90.0);
}

double MapView::unwrapped(double lon, double near) const noexcept {
    return is_earth() ? near + std::remainder(lon - near, 360) : lon;
}

double MapView::from_west(double lon) const noexcept {
    return is_earth() ? west_ + std::fmod(lon - west_ + 1080, 360) : lon;
}

double MapView::pixel_size() const noexcept {
    return is_earth() ? kDegree * earth::kMeanRadius / pixels_per_y_ : 1 / pixels_per_y_;
}

void MapPath::dot(LonLat place) {
    const Pixel pixel{view_.x(view_.from_west(place.lon)), view_.y(place.lat)};
    if (pixel.x < 0 || pixel.x > MapView::kWidth || pixel.y < 0 || pixel.y > view_.height()) return;
    const auto half_pixels = [](double value) { return static_cast<std::uint64_t>(std::lround(2 * value)); };
    const std::uint64_t key = half_pixels(pixel.x) << 32U | half_pixels(pixel.y);
    if (!dots_.insert(key).second) return;
    position(pixel);
    text_ += "h0";
}

void MapPath::trace(std::span<const LonLat> positions, bool is_ring) {
    if (positions.empty()) return;
    pixels_.clear();
    double lon = view_.from_west(positions.front().lon);
    const double first = lon;
    for (const LonLat place : positions) {
        lon = view_.unwrapped(place.lon, lon);
        pixels_.push_back({view_.x(lon), view_.y(place.lat)});
    }
    if (is_ring && std::abs(lon - first) > 180) {
        const double pole = view_.y(positions.front().lat < 0 ? -90 : 90);
        pixels_.push_back({view_.x(lon), pole});
        pixels_.push_back({view_.x(first), pole});
    }
    const auto [left, right] =
        std::minmax_element(pixels_.begin(), pixels_.end(), [](Pixel a, Pixel b) { return a.x < b.x; });
    const auto [top, bottom] =
        std::minmax_element(pixels_.begin(), pixels_.end(), [](Pixel a, Pixel b) { return a.y < b.y; });
    if (bottom->y < 0 || top->y > view_.height()) return;
    constexpr double kSpeck = 0.5;
    if (!is_ring && right->x - left->x < kSpeck && bottom->y - top->y < kSpeck) return dot(positions.front());
    const double turn = view_.x(view_.west() + 360);
    for (const double shift : {-turn, 0.0, turn}) {
        if (shift != 0 && !view_.is_earth()) continue;
        if (right->x + shift < 0 || left->x + shift > MapView::kWidth) continue;
        shifted_.clear();
        for (const Pixel pixel : pixels_) shifted_.push_back({pixel.x + shift, pixel.y});
        if (is_ring) clip(shifted_);
        if (!shifted_.empty()) draw(shifted_, is_ring);
    }
}

/// Cuts a ring down to the picture and a margin, one side after the other (Sutherland, Hodgman: Reentrant
/// polygon clipping, doi:10.1145/360767.360802): up close, a continent's far vertices would be too much for
/// programs that draw.
void MapPath::clip(std::vector<Pixel>& ring) const {
    constexpr double kMargin = 20;
    const auto cut = [&](double Pixel::*axis, double Pixel::*other, double edge, double sign) {
        std::vector<Pixel> kept;
        for (std::size_t i = 0; i < ring.size(); ++i) {
            const Pixel& from = ring[i];
            const Pixel& to = ring[(i + 1) % ring.size()];
            const double inside = sign * (from.*axis - edge);
            const double next_inside = sign * (to.*axis - edge);
            if (inside >= 0) kept.push_back(from);
            if ((inside >= 0) == (next_inside >= 0)) continue;
            Pixel crossing{};
            crossing.*axis = edge;
            crossing.*other = from.*other + (to.*other - from.*other) * inside / (inside - next_inside);
            kept.push_back(crossing);
        }
        ring = std::move(kept);
    };
    cut(&Pixel::x, &Pixel::y, -kMargin, 1);
    cut(&Pixel::x, &Pixel::y, MapView::kWidth + kMargin, -1);
    cut(&Pixel::y, &Pixel::x, -kMargin, 1);
    cut(&Pixel::y, &Pixel::x, view_.height() + kMargin, -1);
}

/// Leaves out what is less than half a pixel from what came before, but for the end.
void MapPath::draw(std::span<const Pixel> pixels, bool is_ring) {
    constexpr double kClose = 0.5;
    Pixel last = pixels.front();
    position(last);
    text_ += 'L';
    const std::size_t begun = text_.size();
    for (std::size_t i = 1; i < pixels.size(); ++i) {
        const bool is_close = std::hypot(pixels[i].x - last.x, pixels[i].y - last.y) < kClose;
        if (is_close && (is_ring || i + 1 < pixels.size() || text_.size() > begun)) continue;
        last = pixels[i];
        number(last.x);
        text_ += ' ';
        number(last.y);
        text_ += ' ';
    }
    if (text_.size() == begun) {
        text_.back() = 'h';
        text_ += '0';
    }
    if (is_ring) text_ += 'Z';
}

/// To a tenth of a pixel.
void MapPath::number(double value) {
    std::array<char, 32> digits;
    const auto tenths = static_cast<double>(std::lround(value * 10)) / 10;
    text_.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), tenths).ptr);
}

void MapPath::position(Pixel pixel) {
    text_ += 'M';
    number(pixel.x);
    text_ += ' ';
    number(pixel.y);
}

}  // namespace crowfly
