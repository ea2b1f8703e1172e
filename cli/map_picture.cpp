#include "cli/map_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "cli/land.h"
#include "cli/map_view.h"
#include "cli/progress.h"

namespace crowfly {
namespace {

constexpr double kDegree = std::numbers::pi / 180;
using Vector = std::array<double, 3>;

Vector vector_of(LonLat position) {
    const double lon = position.lon * kDegree;
    const double lat = position.lat * kDegree;
    return {std::cos(lat) * std::cos(lon), std::cos(lat) * std::sin(lon), std::sin(lat)};
}

/// The great circle from one to the other, in steps of about half a degree.
std::vector<LonLat> great_circle(LonLat from, LonLat to) {
    const Vector a = vector_of(from);
    const Vector b = vector_of(to);
    const double cosine = std::clamp(a[0] * b[0] + a[1] * b[1] + a[2] * b[2], -1.0, 1.0);
    const double angle = std::acos(cosine);
    const auto steps = static_cast<std::size_t>(2 * angle / kDegree);
    std::vector<LonLat> positions{from};
    for (std::size_t step = 1; step < steps; ++step) {
        const double part = static_cast<double>(step) / static_cast<double>(steps);
        const double weight_a = std::sin((1 - part) * angle);
        const double weight_b = std::sin(part * angle);
        Vector v{};
        for (std::size_t i = 0; i < 3; ++i) v[i] = weight_a * a[i] + weight_b * b[i];
        positions.push_back(
            {std::atan2(v[1], v[0]) / kDegree, std::atan2(v[2], std::hypot(v[0], v[1])) / kDegree});
    }
    positions.push_back(to);
    return positions;
}

/// Draws a line, in two where it goes by a pole, around which it would be a streak along the edge.
void trace_line(MapPath& path, std::span<const LonLat> positions) {
    constexpr double kStreak = 60;
    std::size_t begin = 0;
    for (std::size_t i = 1; i < positions.size(); ++i) {
        const double turn = std::abs(std::remainder(positions[i].lon - positions[i - 1].lon, 360));
        if (turn < kStreak || std::abs(positions[i].lat) < 80) continue;
        path.trace(positions.subspan(begin, i - begin), false);
        begin = i;
    }
    path.trace(positions.subspan(begin), false);
}

/// Polygons into `areas`, lines into `strokes`, points into `dots`.
void trace_shape(const Geometry& shape, MapPath& areas, MapPath& strokes, MapPath& dots) {
    for (std::size_t number = 0; number < shape.part_count(); ++number) {
        const Geometry::Part part = shape.part(number);
        for (std::uint32_t sequence = part.begin; sequence < part.end; ++sequence) {
            const auto positions = shape.sequence(sequence);
            if (part.kind == Geometry::PartKind::point) dots.dot(positions.front());
            if (part.kind == Geometry::PartKind::line) strokes.trace(positions, false);
            if (part.kind == Geometry::PartKind::polygon) areas.trace(positions, true);
        }
    }
}

void append_path(std::string& out, const MapPath& path, const std::string& attributes) {
    if (!path.text().empty()) out += fmt::format("<path {} d=\"{}\"/>\n", attributes, path.text());
}

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '&') {
            result += "&amp;";
        } else if (c == '<') {
            result += "&lt;";
        } else if (c == '"') {
            result += "&quot;";
        } else {
            result += c;
        }
    }
    return result;
}

/// 1, 2 or 5 times a power of ten, at most `most`.
double round_number(double most) {
    const double power = std::pow(10, std::floor(std::log10(most)));
    for (const double factor : {5.0, 2.0}) {
        if (factor * power <= most) return factor * power;
    }
    return power;
}

/// What part of its size is left to a dot when there are so many.
double dot_scale(std::size_t count) {
    return count < 300 ? 1 : count < 5'000 ? 0.7 : 0.4;
}

void append_land(std::string& out, const MapView& view) {
    MapPath land(view);
    MapPath none(view);
    for (const Geometry& polygon : land_outline()) trace_shape(polygon, land, none, none);
    append_path(out, land,
                "fill=\"#f6f3ea\" stroke=\"#c3ccc9\" stroke-width=\".6\" fill-rule=\"evenodd\" "
                "stroke-linejoin=\"round\"");
}

void append_graticule(std::string& out, const MapView& view) {
    constexpr double kApart = 130;  // pixels, at least
    double step = 30;
    for (const double finer : {10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01})
        if (view.x(view.west() + finer) >= kApart) step = finer;
    std::string lines;
    for (double lon = std::ceil(view.west() / step) * step; lon <= view.east(); lon += step)
        lines += fmt::format("M{:.1f} 0V{:.1f}", view.x(lon), view.height());
    for (double lat = std::ceil(view.south() / step) * step; lat <= view.north(); lat += step)
        lines += fmt::format("M0 {:.1f}H{:.1f}", view.y(lat), MapView::kWidth);
    out += fmt::format(
        "<path fill=\"none\" stroke=\"#7c9aa8\" stroke-opacity=\".25\" stroke-width=\".5\" d=\"{}\"/>\n",
        lines);
}

void append_scale(std::string& out, const MapView& view) {
    const double length = round_number(150 * view.pixel_size());
    const double pixels = length / view.pixel_size();
    const std::string label = !view.is_earth() ? fmt::format("{}", length)
                              : length >= 1000
                                  ? fmt::format("{} km", grouped(static_cast<std::uint64_t>(length / 1000)))
                                  : fmt::format("{} m", length);
    const double right = MapView::kWidth - 16;
    const double bottom = view.height() - 14;
    out += fmt::format(
        "<path fill=\"none\" stroke=\"#3c4a52\" stroke-width=\"1.2\" d=\"M{:.1f} {:.1f}v5H{:.1f}v-5\"/>\n"
        "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
        right - pixels, bottom - 5, right, right - pixels / 2, bottom - 4, label);
}

}  // namespace

std::size_t MapPicture::add_layer(MapStyle style) {
    layers_.push_back({.style = std::move(style), .points = {}, .lines = {}, .shapes = {}});
    return layers_.size() - 1;
}

void MapPicture::add_line(std::size_t layer, LonLat from, LonLat to) {
    if (layers_[layer].lines.size() < kMostLines) layers_[layer].lines.push_back({from, to});
}

std::vector<LonLat> MapPicture::framed_positions() const {
    std::vector<LonLat> positions;
    for (const Layer& layer : layers_) {
        if (!layer.style.is_framed) continue;
        positions.insert(positions.end(), layer.points.begin(), layer.points.end());
        for (const Line& line : layer.lines) positions.insert(positions.end(), {line.from, line.to});
        for (const Geometry& shape : layer.shapes)
            positions.insert(positions.end(), shape.positions().begin(), shape.positions().end());
    }
    return positions;
}

void MapPicture::append_layer(std::string& out, const Layer& layer, const MapView& view) {
    MapPath areas(view);
    MapPath strokes(view);
    MapPath dots(view);
    for (const Geometry& shape : layer.shapes) trace_shape(shape, areas, strokes, dots);
    for (const Line& line : layer.lines) {
        if (view.is_earth()) {
            trace_line(strokes, great_circle(line.from, line.to));
        } else {
            strokes.trace(std::array{line.from, line.to}, false);
        }
    }
    for (const LonLat point : layer.points) dots.dot(point);
    const std::string color = escaped(layer.style.color);
    append_path(out, areas,
                fmt::format("fill=\"{0}\" fill-opacity=\".22\" fill-rule=\"evenodd\" stroke=\"{0}\" "
                            "stroke-width=\"{1}\" stroke-linejoin=\"round\"",
                            color, layer.style.stroke));
    append_path(out, strokes,
                fmt::format("fill=\"none\" stroke=\"{}\" stroke-opacity=\".8\" stroke-width=\"{}\" "
                            "stroke-linecap=\"round\" stroke-linejoin=\"round\"",
                            color, layer.style.stroke));
    append_path(out, dots,
                fmt::format("fill=\"none\" stroke=\"{}\" stroke-opacity=\".85\" stroke-width=\"{}\" "
                            "stroke-linecap=\"round\"",
                            color, layer.style.dot * dot_scale(dots.dot_count())));
}

void MapPicture::append_legend(std::string& out) const {
    constexpr double kLetter = 7.2;  // pixels, about
    std::string entries;
    std::size_t longest = 0;
    double bottom = 22;
    for (const Layer& layer : layers_) {
        const std::string& label = layer.style.label;
        if (label.empty()) continue;
        entries += fmt::format(
            "<circle cx=\"20\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"/><text x=\"30\" y=\"{:.1f}\">{}</text>\n",
            bottom - 4, escaped(layer.style.color), bottom, escaped(label));
        bottom += 18;
        longest = std::max(longest, label.size());
    }
    if (entries.empty()) return;
    out += fmt::format(
        "<rect x=\"8\" y=\"4\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"4\" fill=\"#fff\" "
        "fill-opacity=\".82\"/>\n{}",
        30 + kLetter * static_cast<double>(longest), bottom - 12, entries);
}

std::string MapPicture::svg() const {
    const MapView view(framed_positions(), crs_);
    std::string out = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1:.1f}\" width=\"{0}\" "
        "height=\"{1:.1f}\" "
        "font-family=\"sans-serif\" font-size=\"12\" fill=\"#3c4a52\">\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"{2}\"/>\n",
        MapView::kWidth, view.height(), view.is_earth() ? "#dfeaf0" : "#fafafa");
    if (view.is_earth()) {
        append_land(out, view);
        append_graticule(out, view);
    }
    for (const Layer& layer : layers_) append_layer(out, layer, view);
    append_legend(out);
    append_scale(out, view);
    return out += "</svg>\n";
}

std::string_view map_color(std::size_t number) noexcept {
    constexpr std::array<std::string_view, 12> kColors{"#2f6f9f", "#d1495b", "#3a9a5c", "#b5651d",
                                                       "#7b4fa3", "#128a8a", "#c2459a", "#6b7f1e",
                                                       "#4f5bd5", "#d98324", "#2d8fbd", "#8c3b3b"};
    return kColors[number % kColors.size()];
}

}  // namespace crowfly
