// GEOS as the judge of planar distances.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <geos_c.h>
#include <gtest/gtest.h>

#include "core/geometry/centroid.h"
#include "core/search/shape_searcher.h"
#include "formats/wkb.h"
#include "tests/support/any_shape.h"

namespace crowfly {
namespace {

class Geos {
  public:
    Geos() : handle_(GEOS_init_r()) {}
    Geos(const Geos&) = delete;
    Geos& operator=(const Geos&) = delete;
    ~Geos() { GEOS_finish_r(handle_); }

    auto shape(const Geometry& geometry) const {
        const std::vector<std::byte> wkb = encode_wkb(geometry);
        const auto free = [this](GEOSGeometry* shape) { GEOSGeom_destroy_r(handle_, shape); };
        return std::unique_ptr<GEOSGeometry, decltype(free)>(
            GEOSGeomFromWKB_buf_r(handle_, reinterpret_cast<const unsigned char*>(wkb.data()), wkb.size()),
            free);
    }

    LonLat centroid(const GEOSGeometry* shape) const {
        const auto free = [this](GEOSGeometry* point) { GEOSGeom_destroy_r(handle_, point); };
        const std::unique_ptr<GEOSGeometry, decltype(free)> at(GEOSGetCentroid_r(handle_, shape), free);
        LonLat centroid{};
        EXPECT_EQ(GEOSGeomGetX_r(handle_, at.get(), &centroid.lon), 1);
        EXPECT_EQ(GEOSGeomGetY_r(handle_, at.get(), &centroid.lat), 1);
        return centroid;
    }

    double distance(const GEOSGeometry* a, const GEOSGeometry* b) const {
        double distance = -1;
        EXPECT_EQ(GEOSDistance_r(handle_, a, b, &distance), 1);
        return distance;
    }

  private:
    GEOSContextHandle_t handle_;
};

constexpr GeometryType kTypes[] = {GeometryType::point,         GeometryType::line_string,
                                   GeometryType::polygon,       GeometryType::multi_point,
                                   GeometryType::multi_polygon, GeometryType::multi_line_string};

TEST(Geos, HasTheSameDistancesOnThePlane) {
    const Geos geos;
    tests::Random random;
    tests::AnyShape any(random, {10, 40}, 3);
    std::size_t zeros = 0;
    for (int trial = 0; trial < 20'000; ++trial) {
        const Geometry a = any.of(kTypes[random.below(std::size(kTypes))]);
        const Geometry b = any.of(kTypes[random.below(std::size(kTypes))]);
        const double expected = geos.distance(geos.shape(a).get(), geos.shape(b).get());
        const double found = distance_between(a, b, MetricKind::plane).distance;
        ASSERT_NEAR(found, expected, 1e-14 + 1e-12 * expected) << trial;
        zeros += expected == 0 ? 1 : 0;
        ASSERT_EQ(found == 0, expected == 0) << trial;
    }
    EXPECT_GT(zeros, 100U) << "shapes that meet were to be among them";
}

TEST(Geos, HasTheSameCentroidsOnThePlane) {
    const Geos geos;
    tests::Random random;
    tests::AnyShape any(random, {10, 40}, 3);
    for (int trial = 0; trial < 3'000; ++trial) {
        const Geometry shape = any();
        const LonLat expected = geos.centroid(geos.shape(shape).get());
        const LonLat found = centroid(shape, MetricKind::plane);
        ASSERT_NEAR(found.lon, expected.lon, 1e-10) << trial;
        ASSERT_NEAR(found.lat, expected.lat, 1e-10) << trial;
    }
}

TEST(Geos, HasTheSameNearestShapes) {
    const Geos geos;
    tests::Random random;
    tests::AnyShape any(random, {10, 40}, 10);
    std::vector<Geometry> shapes;
    for (int i = 0; i < 400; ++i) shapes.push_back(any.of(kTypes[random.below(std::size(kTypes))]));
    const ShapeIndex index(shapes, MetricKind::plane);
    ShapeSearcher searcher(index);
    for (int trial = 0; trial < 60; ++trial) {
        const Geometry query = any.of(kTypes[random.below(std::size(kTypes))]);
        std::vector<double> expected;
        for (const Geometry& shape : shapes) {
            expected.push_back(geos.distance(geos.shape(query).get(), geos.shape(shape).get()));
        }
        std::sort(expected.begin(), expected.end());
        const auto found = searcher.nearest(query, {.k = 20});
        ASSERT_EQ(found.size(), 20U);
        for (std::size_t i = 0; i < found.size(); ++i) {
            ASSERT_NEAR(found[i].distance, expected[i], 1e-14 + 1e-12 * expected[i]) << i;
        }
    }
}

}  // namespace
}  // namespace crowfly
