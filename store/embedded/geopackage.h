#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/collection.h"
#include "store/embedded/sqlite.h"

/// The layout of a GeoPackage 1.3 file (OGC 12-128r17): the tables that describe the tables of places.
namespace crowfly::geopackage {

/// The srs_id of a planar reference system about which nothing is known.
inline constexpr std::int32_t kUndefinedCartesian = -1;
inline constexpr std::int32_t kWgs84 = 4326;

std::int32_t srs_id_of(Crs crs) noexcept;

/// Whether the file has no tables at all, as a new one.
bool is_empty(sqlite::Database& database);

/// Whether nobody has stored anything in the file: it has no tables, or none but those that describe others
/// and those that only crowfly uses.
bool is_unused(sqlite::Database& database);

/// Throws Error(corrupt) unless the file says it is a GeoPackage and has its tables, and Error(unsupported)
/// for one of a later major version.
void require_geopackage(sqlite::Database& database);

/// Gives the connection the functions that the triggers of a spatial index call (extension gpkg_rtree_index,
/// annex F.3), so that a file to which another program has added one can still be written.
void add_geometry_functions(sqlite::Database& database);

/// Makes the three gpkg_ tables; part of the caller's transaction.
void create_tables(sqlite::Database& database);

/// Enters a table of places into gpkg_contents and gpkg_geometry_columns, as one of points; part of the
/// caller's transaction.
void register_table(sqlite::Database& database, const Schema& schema, std::string_view geometry_column);

/// Sets extent and last_change of a table; part of the caller's transaction.
void update_contents(sqlite::Database& database, std::string_view table, const std::optional<Extent>& extent);

/// Makes type, z and m of a table's geometry column admit what it holds, and declares the type so; never less
/// than it admitted before. Part of the caller's transaction.
void widen_geometry_column(sqlite::Database& database, std::string_view table,
                           const GeometryContent& content);

struct FeatureTable {
    std::string name;
    std::string geometry_column;
    std::int64_t srs_id;
};

/// The feature tables that the file declares, by name.
std::vector<FeatureTable> feature_tables(sqlite::Database& database);

}  // namespace crowfly::geopackage
