#include "core/error.h"
#include "formats/gdal_reader.h"

namespace crowfly {

std::unique_ptr<PlaceReader> open_gdal_layer(const std::string& path, const ReadOptions& /*options*/,
                                             Rejects& /*rejects*/) {
    throw Error(Code::unsupported,
                path +
                    ": layers of GeoPackage, Shapefile and FlatGeobuf are read through GDAL, which this "
                    "build is without (CROWFLY_GDAL); expected CSV, TSV, GeoJSON or NDJSON");
}

bool has_gdal() noexcept {
    return false;
}

}  // namespace crowfly
