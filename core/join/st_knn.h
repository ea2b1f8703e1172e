#pragma once

#include <cstddef>

#include "core/join/join.h"

namespace crowfly {

/// The options by which `join` answers as ST_KNN(queries, objects, k, use_sphere, search_radius) of Apache
/// Sedona on Spark does: an inner join; shapes stand for their centroids; distances on the sphere in metres,
/// or on the plane in the coordinates' unit, and with a search_radius none beyond it. Ties with the k-th are
/// given when `ties` asks for them, as Sedona's spark.sedona.join.knn.includeTieBreakers does; else the order
/// (distance, row) decides between them, which Sedona leaves open.
JoinOptions st_knn_options(std::size_t k, bool use_sphere,
                           double search_radius = std::numeric_limits<double>::infinity(),
                           Ties ties = Ties::none);

}  // namespace crowfly
