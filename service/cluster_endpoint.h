#pragma once

#include "service/api.h"
#include "service/jobs.h"

namespace crowfly {

/// POST /collections/{c}/clusters: where the places of a collection are dense. Few places are clustered while
/// the client waits; more of them, or where it says `Prefer: respond-async`, as a job. Also GET
/// /jobs/{id}/result, for what such a job has found. All must outlive the router.
void add_cluster_endpoints(ApiRouter& router, const Catalog& catalog, const ApiLimits& limits, Jobs& jobs);

}  // namespace crowfly
