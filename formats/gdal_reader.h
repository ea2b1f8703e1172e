#pragma once

#include <memory>
#include <string>

#include "formats/place_reader.h"

namespace crowfly {

/// Opens a layer of a GeoPackage, Shapefile or FlatGeobuf through GDAL: `options.layer`, or the only one that
/// has geometries.
///
/// For Crs::wgs84 a layer that says to be in another reference system is converted to it by PROJ; one that
/// says nothing is taken to be longitude, latitude. For Crs::planar coordinates are taken as they stand. The
/// order is x, y and longitude, latitude whatever the reference system's own is. The id is the column for it,
/// or where there is none the feature id, which rejects name; z and m are kept. A column of bytes is passed
/// over, dates and lists become text. Curves are refused: a distance to their chords would not be that to
/// them.
///
/// Throws as `open_places` does, and Error(unsupported) in a build without GDAL.
std::unique_ptr<PlaceReader> open_gdal_layer(const std::string& path, const ReadOptions& options,
                                             Rejects& rejects);

/// Whether this build has GDAL.
bool has_gdal() noexcept;

}  // namespace crowfly
