#include "cli/area_flags.h"

#include <vector>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/box_text.h"
#include "formats/wkt.h"

namespace crowfly {
namespace {

Area parse_polygon(const std::string& text, Crs crs) {
    const Geometry geometry = parse_wkt(text);
    const bool is_polygon =
        geometry.type() == GeometryType::polygon || geometry.type() == GeometryType::multi_polygon;
    if (!is_polygon || geometry.is_empty()) {
        throw Error(Code::invalid_argument,
                    fmt::format("{}{}: expected a POLYGON or MULTIPOLYGON", wkt_name(geometry.type()),
                                geometry.is_empty() ? " EMPTY" : ""));
    }
    std::vector<std::vector<LonLat>> rings;
    for (std::size_t i = 0; i < geometry.sequence_count(); ++i) {
        const auto ring = geometry.sequence(i);
        rings.emplace_back(ring.begin(), ring.end());
    }
    return Area::polygon(rings, crs);
}

}  // namespace

std::shared_ptr<const Area> parse_area(const std::optional<std::string>& bbox,
                                       const std::optional<std::string>& polygon, Crs crs) {
    if (bbox && polygon) {
        throw Error(Code::invalid_argument, "--bbox and --area are both given; expected one of them");
    }
    if (!bbox && !polygon) return nullptr;
    try {
        return std::make_shared<const Area>(bbox ? parse_box(*bbox, crs) : parse_polygon(*polygon, crs));
    } catch (const Error& error) {
        throw Error(Code::invalid_argument, fmt::format("{}: {}", bbox ? "--bbox" : "--area", error.what()));
    }
}

}  // namespace crowfly
