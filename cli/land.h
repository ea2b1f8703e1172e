#pragma once

#include <vector>

#include "core/geometry/geometry.h"

namespace crowfly {

/// The land of the earth in rough outline, to some kilometres, as polygons that are cut at the antimeridian:
/// data/land.tsv.gz, which the program carries within it. For looking at; no distance is measured to it.
std::vector<Geometry> land_outline();

}  // namespace crowfly
