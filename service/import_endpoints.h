#pragma once

#include "service/api.h"
#include "service/idempotency.h"
#include "service/import_service.h"

namespace crowfly {

/// Imports of many places, whose body is read while it comes:
///
///     POST /collections/{c}/imports    202 and a job, when the body is there whole
///
/// `catalog`, `imports` and `replies` must outlive the router.
void add_import_endpoints(ApiRouter& router, const Catalog& catalog, ImportService& imports,
                          Idempotency& replies);

}  // namespace crowfly
