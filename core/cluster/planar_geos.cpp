#include "core/cluster/planar_geos.h"

#include <algorithm>

#include "core/error.h"

namespace crowfly {
namespace {

void keep_message(const char* message, void* kept) {
    *static_cast<std::string*>(kept) = message;
}

/// From its first vertex, so that far coordinates do not cancel.
double doubled_area(const Path& ring) {
    double sum = 0;
    for (std::size_t i = 1; i < ring.size(); ++i) {
        sum += (ring[i - 1].lon - ring.front().lon) * (ring[i].lat - ring.front().lat) -
               (ring[i].lon - ring.front().lon) * (ring[i - 1].lat - ring.front().lat);
    }
    return sum;
}

}  // namespace

void turn_counterclockwise(Path& ring) {
    if (doubled_area(ring) < 0) std::reverse(ring.begin(), ring.end());
}

PlanarGeos::PlanarGeos() : context_(GEOS_init_r()) {
    GEOSContext_setErrorMessageHandler_r(context_, keep_message, &message_);
}

PlanarGeos::~PlanarGeos() {
    GEOS_finish_r(context_);
}

PlanarGeos::Owned PlanarGeos::own(GEOSGeometry* geometry) const {
    if (geometry == nullptr) {
        throw Error(message_.empty() ? Code::out_of_memory : Code::internal, "GEOS: " + message_);
    }
    return Owned(geometry, Destroy{context_});
}

PlanarGeos::Owned PlanarGeos::point_of(LonLat at) const {
    return own(GEOSGeom_createPointFromXY_r(context_, at.lon, at.lat));
}

// What a geometry is made of belongs to it, also when the making fails.

PlanarGeos::Owned PlanarGeos::points_of(std::span<const LonLat> points) const {
    std::vector<Owned> owned;
    for (const LonLat at : points) owned.push_back(point_of(at));
    std::vector<GEOSGeometry*> members;
    for (Owned& point : owned) members.push_back(point.release());
    return own(GEOSGeom_createCollection_r(context_, GEOS_MULTIPOINT, members.data(),
                                           static_cast<unsigned>(members.size())));
}

PlanarGeos::Owned PlanarGeos::polygon_of(std::span<const LonLat> ring) const {
    GEOSCoordSequence* sequence = GEOSCoordSeq_create_r(context_, static_cast<unsigned>(ring.size()), 2);
    if (sequence == nullptr) throw Error(Code::out_of_memory, "GEOS: out of memory");
    for (unsigned i = 0; i < ring.size(); ++i) {
        GEOSCoordSeq_setXY_r(context_, sequence, i, ring[i].lon, ring[i].lat);
    }
    Owned outer = own(GEOSGeom_createLinearRing_r(context_, sequence));
    return own(GEOSGeom_createPolygon_r(context_, outer.release(), nullptr, 0));
}

Path PlanarGeos::path_of(const GEOSGeometry* geometry) const {
    if (GEOSGeomTypeId_r(context_, geometry) == GEOS_POLYGON) {
        geometry = GEOSGetExteriorRing_r(context_, geometry);
    }
    const GEOSCoordSequence* sequence = GEOSGeom_getCoordSeq_r(context_, geometry);
    unsigned size = 0;
    GEOSCoordSeq_getSize_r(context_, sequence, &size);
    Path path(size);
    for (unsigned i = 0; i < size; ++i) {
        GEOSCoordSeq_getXY_r(context_, sequence, i, &path[i].lon, &path[i].lat);
    }
    turn_counterclockwise(path);
    return path;
}

Path PlanarGeos::convex_hull(std::span<const LonLat> points) const {
    return path_of(own(GEOSConvexHull_r(context_, points_of(points).get())).get());
}

std::vector<std::size_t> PlanarGeos::outside(const Path& ring, std::span<const LonLat> points) const {
    const Owned polygon = polygon_of(ring);
    const bool simple = GEOSisValid_r(context_, polygon.get()) == 1;
    const GEOSPreparedGeometry* prepared = GEOSPrepare_r(context_, polygon.get());
    std::vector<std::size_t> outside;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const bool covered = simple && prepared != nullptr &&
                             GEOSPreparedCovers_r(context_, prepared, point_of(points[i]).get()) == 1;
        if (!covered) outside.push_back(i);
    }
    GEOSPreparedGeom_destroy_r(context_, prepared);
    return outside;
}

}  // namespace crowfly
