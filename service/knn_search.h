#pragma once

#include "service/api.h"

namespace crowfly {

/// POST /knn/search: the places nearest to a point, as a GeoJSON FeatureCollection, nearest first. `catalog`
/// must outlive the endpoint.
Endpoint knn_search(const Catalog& catalog);

}  // namespace crowfly
