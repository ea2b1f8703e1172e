#pragma once

#include "core/geometry/geometry.h"
#include "tests/support/seed.h"

namespace crowfly::tests {

/// Makes random shapes of every kind within some degrees of a place. Polygons do not cross themselves, but
/// those of one shape may cross each other.
class AnyShape {
  public:
    AnyShape(Random& random, LonLat middle, double spread)
        : random_(random), middle_(middle), spread_(spread) {}

    Geometry operator()();
    Geometry of(GeometryType type);

  private:
    LonLat near(LonLat at, double reach);
    void add(GeometryType type, int depth);
    void add_part(GeometryType type);
    void add_ring(LonLat at, double reach);

    Random& random_;
    LonLat middle_;
    double spread_;
    GeometryBuilder builder_;
};

}  // namespace crowfly::tests
