#pragma once

#include "service/api.h"

namespace crowfly {

/// What is near a place on earth, in one collection:
///
///     GET  /collections/{c}/nearest?lon=&lat=&k=       the k nearest to a position
///     POST /collections/{c}/nearest?k=                 ... to the GeoJSON geometry, or Feature, in the body
///     GET  /collections/{c}/within?lon=&lat=&distance= all up to a distance, or how many
///     POST /collections/{c}/within?distance=           ... likewise
///
/// `catalog` and `limits` must outlive the router.
void add_nearest_endpoints(ApiRouter& router, const Catalog& catalog, const ApiLimits& limits);

}  // namespace crowfly
