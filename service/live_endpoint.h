#pragma once

#include "service/api.h"
#include "service/live_pump.h"

namespace crowfly {

/// Live neighbors as Server-Sent Events, which service/live_events.h describes:
///
///     GET /collections/{c}/nearest/live?lon=&lat=&k=
///
/// All must outlive the router.
void add_live_endpoint(ApiRouter& router, const Catalog& catalog, const ApiLimits& limits, LivePump& pump);

}  // namespace crowfly
