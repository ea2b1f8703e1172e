#pragma once

#include "service/api.h"

namespace crowfly {

/// The collections as OGC API - Features - Part 1 has them:
///
///     GET /                               the landing page
///     GET /conformance                    which parts of the standards are kept
///     GET /collections                    all collections
///     GET /collections/{c}                one
///
/// `catalog` must outlive the router.
void add_collection_endpoints(ApiRouter& router, const Catalog& catalog);

}  // namespace crowfly
