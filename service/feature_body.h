#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/place_reader.h"
#include "store/collection.h"

namespace crowfly {

/// Whether a document of JSON is one Feature, and not a FeatureCollection.
bool is_one_feature(std::string_view body);

/// The places of a body that is there whole: PlaceFormat::geojson or ndjson. Throws InvalidRequest with the
/// first faults, each with its line, when any is not a place of the collection, and Error(malformed) for what
/// is not of the format.
std::vector<Place> read_features(std::string_view body, PlaceFormat format, const Schema& schema);

/// The place of a body, or of a document, that is one Feature. Throws likewise.
Place read_feature(std::string_view body, const Schema& schema);

}  // namespace crowfly
