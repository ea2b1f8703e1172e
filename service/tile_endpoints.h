#pragma once

#include "service/api.h"

namespace crowfly {

/// Vector tiles, as OGC API - Tiles has them, of the collections on WGS84:
///
///     GET /tileMatrixSets                                        that there is WebMercatorQuad
///     GET /tileMatrixSets/WebMercatorQuad                        what that is
///     GET /collections/{c}/tiles                                 the one tile set
///     GET /collections/{c}/tiles/WebMercatorQuad                 ... in full
///     GET /collections/{c}/tiles/WebMercatorQuad/{z}/{y}/{x}     a tile; see store/place_tile.h
///
/// `catalog` must outlive the router.
void add_tile_endpoints(ApiRouter& router, const Catalog& catalog);

}  // namespace crowfly
