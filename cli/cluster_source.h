#pragma once

#include <string>
#include <vector>

#include "cli/read_options.h"
#include "core/metric/metric.h"
#include "formats/place.h"

namespace crowfly {

/// Where the places to be clustered come from, and what is wanted of them.
struct ClusterSource {
    std::string path;
    std::string collection;
    std::string metric;  ///< empty: spheroid, or plane for planar coordinates
    ReadFlags read;
    bool keep_properties = false;  ///< name, category and properties too
    bool by_centroid = false;      ///< a place with a shape stands at its centroid
};

struct ClusterPlaces {
    std::vector<Place> places;
    std::vector<LonLat> positions;  ///< of each: where it stands
    MetricKind metric;
    Crs crs;
};

/// Reads a store or a file as `crowfly search` does. Throws Error(unsupported) that names the first place
/// with a shape, unless by centroid.
ClusterPlaces read_places(const ClusterSource& source);

}  // namespace crowfly
