#pragma once

#include <span>
#include <string>
#include <vector>

#include "service/router.h"

namespace crowfly {

/// The OpenAPI 3.1 document of a service that has these routes: of what service/openapi/ describes the
/// operations that are among them, and all components.
std::string openapi_document(std::span<const RouteName> routes);

/// All operations that service/openapi/ describes.
std::vector<RouteName> described_operations();

}  // namespace crowfly
