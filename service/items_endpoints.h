#pragma once

#include "service/api.h"

namespace crowfly {

/// The places of a collection as OGC API - Features has them, Part 1 and Part 3:
///
///     GET /collections/{c}/queryables     what can be filtered by, as JSON Schema
///     GET /collections/{c}/items          a page of places: limit, bbox, filter, attributes, after
///     GET /collections/{c}/items/{id}     a place
///
/// `catalog` and `limits` must outlive the router.
void add_items_endpoints(ApiRouter& router, const Catalog& catalog, const ApiLimits& limits);

}  // namespace crowfly
