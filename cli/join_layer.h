#pragma once

#include <memory>
#include <string>

#include "cli/join_writer.h"

namespace crowfly {

/// Writes the answer of a join as the layer "join" of a new GeoPackage: MULTILINESTRING, of one line or the
/// two on either side of the antimeridian; null for a query without neighbors.
std::unique_ptr<JoinWriter> open_join_layer(const std::string& path);

}  // namespace crowfly
