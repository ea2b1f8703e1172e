#pragma once

#include "service/api.h"

namespace crowfly {

/// GET /openapi.json: the OpenAPI document of the routes that the router has by now, so that it is added
/// after all others.
void add_openapi_endpoint(ApiRouter& router);

}  // namespace crowfly
