#pragma once

#include "service/api.h"

namespace crowfly {

/// POST /collections/{c}/join: for each place of the body the k nearest of the collection, streamed. All must
/// outlive the router.
void add_join_endpoint(ApiRouter& router, const Catalog& catalog, const ApiLimits& limits);

}  // namespace crowfly
