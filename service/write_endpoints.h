#pragma once

#include "service/api.h"
#include "service/idempotency.h"

namespace crowfly {

/// Writes, as OGC API - Features - Part 4 has them, and batches for feeds:
///
///     POST   /collections/{c}/items           a Feature is created; a FeatureCollection or lines of Features
///                                             are upserted, all or none
///     PUT    /collections/{c}/items/{id}      creates or replaces
///     PATCH  /collections/{c}/items/{id}      a merge patch (RFC 7396)
///     DELETE /collections/{c}/items/{id}
///     POST   /collections/{c}/positions       new positions for places that are there
///
/// If-Match and If-None-Match are judged in the same step as the write is done. `catalog` and `replies` must
/// outlive the router.
void add_write_endpoints(ApiRouter& router, const Catalog& catalog, Idempotency& replies);

}  // namespace crowfly
