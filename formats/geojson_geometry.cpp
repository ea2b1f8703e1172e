#include "formats/geojson_geometry.h"

#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "formats/json_value.h"

namespace crowfly {
namespace {

using simdjson::dom::element;

/// Where in the geometry something stands: a member of its parent, or an item of it. Lives on the stack of
/// those who read, and becomes text only for a fault.
struct Path {
    const Path* parent = nullptr;
    std::string_view name = {};
    std::size_t item = 0;

    std::string text() const {
        if (parent == nullptr) return {};
        std::string before = parent->text();
        if (name.empty()) return fmt::format("{}[{}]", before, item);
        return fmt::format("{}{}{}", before, before.empty() ? "" : ".", name);
    }
};

[[noreturn]] void fail(const Path& path, std::string reason) {
    throw GeoJsonFault(Code::malformed, path.text(), std::move(reason));
}

std::optional<GeometryType> type_named(std::string_view name) {
    for (unsigned code = 1; code <= 7; ++code) {
        const auto type = static_cast<GeometryType>(code);
        if (name == geojson_name(type)) return type;
    }
    return std::nullopt;
}

simdjson::dom::array array_of(element value, const Path& path, std::string_view expected) {
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS)
        fail(path, fmt::format("is {}; expected {}", json_type(value), expected));
    return array;
}

bool is_empty(simdjson::dom::array array) {
    return array.begin() == array.end();
}

constexpr std::string_view kPosition = "[longitude, latitude]";
constexpr std::string_view kPositions = "an array of positions";

class Reader {
  public:
    Geometry read(element geometry) {
        member(geometry, Path{});
        return builder_.finish();
    }

  private:
    void member(element geometry, const Path& path) {
        simdjson::dom::object object;
        if (geometry.get(object) != simdjson::SUCCESS)
            fail(path, fmt::format("is {}; expected a geometry object", json_type(geometry)));
        const GeometryType type = type_of(object, path);
        const bool collection = type == GeometryType::geometry_collection;
        if (collection && builder_.depth() == Geometry::kDeepestNesting) {
            throw GeoJsonFault(
                Code::too_large, path.text(),
                fmt::format("collections are nested more than {} deep", Geometry::kDeepestNesting));
        }
        const Path content{&path, collection ? "geometries" : "coordinates"};
        element items;
        if (object[content.name].get(items) != simdjson::SUCCESS) {
            fail(content, fmt::format("is missing in a {}", geojson_name(type)));
        }
        builder_.begin(type);
        body(type, items, content);
        builder_.end();
    }

    static GeometryType type_of(simdjson::dom::object object, const Path& path) {
        const Path where{&path, "type"};
        element named;
        if (object["type"].get(named) != simdjson::SUCCESS) fail(where, "is missing; expected Point or such");
        std::string_view name;
        if (named.get(name) != simdjson::SUCCESS)
            fail(where, fmt::format("is {}; expected Point or such", json_type(named)));
        const auto type = type_named(name);
        if (!type) {
            constexpr std::size_t kShown = 30;
            fail(where, fmt::format("{} is not a geometry type; expected Point, LineString, Polygon, a Multi "
                                    "type of these or GeometryCollection",
                                    name.size() <= kShown ? simdjson::minify(named) : "a long name"));
        }
        return *type;
    }

    void body(GeometryType type, element items, const Path& path) {
        switch (type) {
            case GeometryType::point:
                return point(items, path, false);
            case GeometryType::line_string:
                return line(items, path, false);
            case GeometryType::polygon:
                return polygon(items, path, false);
            case GeometryType::multi_point:
                return each(array_of(items, path, kPositions), path,
                            [this](element item, const Path& where) { point(item, where, true); });
            case GeometryType::multi_line_string:
                return each(array_of(items, path, "an array of lines"), path,
                            [this](element item, const Path& where) { line(item, where, true); });
            case GeometryType::multi_polygon:
                return each(array_of(items, path, "an array of polygons"), path,
                            [this](element item, const Path& where) { polygon(item, where, true); });
            case GeometryType::geometry_collection:
                return each(array_of(items, path, "an array of geometries"), path,
                            [this](element item, const Path& where) { member(item, where); });
        }
    }

    template <class Item>
    static void each(simdjson::dom::array array, const Path& path, Item item) {
        std::size_t number = 0;
        for (const element value : array) item(value, Path{&path, {}, number++});
    }

    // Within a multi type what is empty is a part of its own; elsewhere the whole geometry is EMPTY.

    void point(element value, const Path& path, bool in_multi) {
        const auto array = array_of(value, path, kPosition);
        const bool empty = is_empty(array);
        if (!empty || in_multi) builder_.add_part();
        if (empty) return;
        builder_.add_sequence();
        position(value, path);
    }

    void line(element value, const Path& path, bool in_multi) {
        const auto array = array_of(value, path, kPositions);
        const bool empty = is_empty(array);
        if (!empty || in_multi) builder_.add_part();
        if (!empty) sequence(array, path);
    }

    void polygon(element value, const Path& path, bool in_multi) {
        const auto array = array_of(value, path, "an array of rings");
        if (!is_empty(array) || in_multi) builder_.add_part();
        each(array, path,
             [this](element ring, const Path& where) { sequence(array_of(ring, where, kPositions), where); });
    }

    void sequence(simdjson::dom::array array, const Path& path) {
        builder_.add_sequence();
        builder_.reserve_positions(array.size());
        each(array, path, [this](element value, const Path& where) { position(value, where); });
    }

    void position(element value, const Path& path) {
        double numbers[3];
        std::size_t count = 0;
        for (const element number : array_of(value, path, kPosition)) {
            if (count < 3 && number.get(numbers[count]) != simdjson::SUCCESS) {
                fail(path, fmt::format("number {} is {}; expected a number", count + 1, json_type(number)));
            }
            ++count;
        }
        if (count < 2)
            fail(path, fmt::format("has {} number{}; expected {}", count, count == 1 ? "" : "s", kPosition));
        builder_.add_position({numbers[0], numbers[1]}, count > 2 ? std::optional(numbers[2]) : std::nullopt);
    }

    GeometryBuilder builder_;
};

class Writer {
  public:
    Writer(const Geometry& geometry, JsonWriter& json) : geometry_(geometry), json_(json) {}

    void member() {
        const Geometry::Member member = geometry_.members()[next_member_++];
        const bool collection = member.type == GeometryType::geometry_collection;
        json_.begin_object().key("type").string(geojson_name(member.type));
        json_.key(collection ? "geometries" : "coordinates");
        const bool simple = member.type <= GeometryType::polygon;
        if (!simple || member.count == 0) json_.begin_array();
        for (std::uint32_t i = 0; i < member.count; ++i) {
            if (collection) {
                this->member();
            } else {
                part();
            }
        }
        if (!simple || member.count == 0) json_.end_array();
        json_.end_object();
    }

  private:
    void part() {
        const Geometry::Part part = geometry_.part(next_part_++);
        const bool polygon = part.kind == Geometry::PartKind::polygon;
        if (polygon || part.is_empty()) json_.begin_array();
        for (std::uint32_t number = part.begin; number < part.end; ++number) {
            sequence(number, part.kind == Geometry::PartKind::point);
        }
        if (polygon || part.is_empty()) json_.end_array();
    }

    void sequence(std::size_t number, bool point) {
        const std::size_t begin = geometry_.sequence_begin(number);
        const std::size_t end = begin + geometry_.sequence(number).size();
        if (!point) json_.begin_array();
        for (std::size_t vertex = begin; vertex < end; ++vertex) {
            const LonLat position = geometry_.positions()[vertex];
            json_.begin_array().number(position.lon).number(position.lat);
            if (!geometry_.z().empty() && std::isfinite(geometry_.z()[vertex]))
                json_.number(geometry_.z()[vertex]);
            json_.end_array();
        }
        if (!point) json_.end_array();
    }

    const Geometry& geometry_;
    JsonWriter& json_;
    std::size_t next_member_ = 0;
    std::size_t next_part_ = 0;
};

}  // namespace

Geometry read_geojson_geometry(simdjson::dom::element geometry) {
    try {
        return Reader().read(geometry);
    } catch (const GeoJsonFault&) {
        throw;
    } catch (const Error& error) {
        throw GeoJsonFault(error.code(), "", error.what());
    }
}

Geometry parse_geojson_geometry(std::string_view text) {
    simdjson::dom::parser parser;
    element geometry;
    if (const auto error = parser.parse(text.data(), text.size()).get(geometry)) {
        const std::string what = error == simdjson::DEPTH_ERROR
                                     ? "is nested too deep; expected at most 32 collections in each other"
                                     : fmt::format("is not JSON: {}", simdjson::error_message(error));
        throw GeoJsonFault(error == simdjson::DEPTH_ERROR ? Code::too_large : Code::malformed, "", what);
    }
    return read_geojson_geometry(geometry);
}

void write_geojson_geometry(const Geometry& geometry, JsonWriter& json) {
    Writer(geometry, json).member();
}

}  // namespace crowfly
