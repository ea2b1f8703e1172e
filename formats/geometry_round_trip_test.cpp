#include <cmath>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "formats/geojson_geometry.h"
#include "formats/gpkg_geometry.h"
#include "formats/wkb.h"
#include "formats/wkt.h"
#include "tests/support/seed.h"

namespace crowfly {
namespace {

/// Geometries of every type and depth, some of it EMPTY, with numbers of every size.
class RandomGeometry {
  public:
    explicit RandomGeometry(tests::Random& random) : random_(random) {}

    Geometry make(bool with_m) {
        z_ = random_.below(2) == 0;
        m_ = with_m && random_.below(2) == 0;
        GeometryBuilder builder;
        member(builder);
        return builder.finish();
    }

  private:
    void member(GeometryBuilder& builder) {
        auto type = static_cast<GeometryType>(1 + random_.below(7));
        if (type == GeometryType::geometry_collection && builder.depth() == Geometry::kDeepestNesting)
            type = GeometryType::multi_polygon;
        builder.begin(type);
        if (type == GeometryType::geometry_collection) {
            for (std::size_t i = random_.below(4); i > 0; --i) member(builder);
        } else if (type > GeometryType::polygon) {
            for (std::size_t i = random_.below(4); i > 0; --i) part(builder, type, random_.below(5) == 0);
        } else if (random_.below(5) > 0) {
            part(builder, type, false);
        }
        builder.end();
    }

    void part(GeometryBuilder& builder, GeometryType type, bool empty) {
        builder.add_part();
        if (empty) return;
        const bool point = type == GeometryType::point || type == GeometryType::multi_point;
        const bool polygon = type == GeometryType::polygon || type == GeometryType::multi_polygon;
        for (std::size_t ring = polygon ? 1 + random_.below(3) : 1; ring > 0; --ring) {
            builder.add_sequence();
            for (std::size_t i = point ? 1 : 1 + random_.below(6); i > 0; --i) {
                builder.add_position({number(), number()}, z_ ? std::optional(number()) : std::nullopt,
                                     m_ ? std::optional(number()) : std::nullopt);
            }
        }
    }

    double number() {
        const double uniform = random_.uniform(-180, 180);
        switch (random_.below(4)) {
            case 0:
                return std::round(uniform);
            case 1:
                return uniform * std::pow(10, random_.uniform(-300, 300));
            default:
                return uniform;
        }
    }

    tests::Random& random_;
    bool z_ = false;
    bool m_ = false;
};

constexpr int kGeometries = 3000;

TEST(GeometryRoundTrip, OfWktAndWkbKeepsEverything) {
    tests::Random random;
    for (int i = 0; i < kGeometries; ++i) {
        const Geometry geometry = RandomGeometry(random).make(true);
        std::string text;
        write_wkt(geometry, text);
        ASSERT_EQ(parse_wkt(text), geometry) << text;
        ASSERT_EQ(parse_wkb(encode_wkb(geometry)), geometry) << text;
        ASSERT_EQ(decode_gpkg_geometry(encode_gpkg_geometry(geometry, 4326)), geometry) << text;
    }
}

TEST(GeometryRoundTrip, OfGeoJsonKeepsAllButM) {
    tests::Random random;
    for (int i = 0; i < kGeometries; ++i) {
        const Geometry geometry = RandomGeometry(random).make(false);
        std::string text;
        JsonWriter json(text);
        write_geojson_geometry(geometry, json);
        ASSERT_EQ(parse_geojson_geometry(text), geometry) << text;
    }
}

TEST(GeometryRoundTrip, SurvivesAnyChangedByte) {
    tests::Random random;
    for (int i = 0; i < kGeometries; ++i) {
        auto bytes = encode_wkb(RandomGeometry(random).make(true));
        bytes[random.below(bytes.size())] = static_cast<std::byte>(random.below(256));
        try {
            const auto again = encode_wkb(parse_wkb(bytes));
            ASSERT_EQ(encode_wkb(parse_wkb(again)), again);
        } catch (const Error& error) {
            ASSERT_NE(error.code(), Code::internal) << error.what();
        }
    }
}

}  // namespace
}  // namespace crowfly
