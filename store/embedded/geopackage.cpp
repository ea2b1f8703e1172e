#include "store/embedded/geopackage.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>

#include <fmt/format.h>
#include <sqlite3.h>

#include "core/error.h"
#include "formats/gpkg_geometry.h"

namespace crowfly::geopackage {
namespace {

constexpr std::int64_t kApplicationId = 0x47504B47;  // "GPKG"
constexpr std::int64_t kVersion = 10300;             // 1.3.0
constexpr std::int64_t kNextMajorVersion = 20000;

// What gpkg_geometry_columns says of z and m.
constexpr std::int64_t kProhibited = 0;
constexpr std::int64_t kOptional = 2;

constexpr const char* kTables = R"sql(
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL PRIMARY KEY,
  organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL,
  description TEXT
);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY,
  data_type TEXT NOT NULL,
  identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE,
  min_y DOUBLE,
  max_x DOUBLE,
  max_y DOUBLE,
  srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id)
);
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL,
  column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL,
  m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);
INSERT INTO gpkg_spatial_ref_sys VALUES
  ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
  ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
  ('WGS 84 geodetic', 4326, 'EPSG', 4326,
   'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
   || 'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
   || 'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],'
   || 'AUTHORITY["EPSG","4326"]]',
   'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid');
)sql";

/// What ST_MinX, ST_MaxX, ST_MinY and ST_MaxY give: one side of a geometry's box.
struct Side {
    const char* function;
    double LonLat::*coordinate;
    bool is_greatest;

    double of(std::span<const std::byte> blob) const {
        if (is_gpkg_point(blob)) return decode_gpkg_point(blob).*coordinate;
        const Geometry geometry = decode_gpkg_geometry(blob);
        if (geometry.is_empty()) throw Error(Code::unsupported, "the geometry is empty");
        double side = geometry.positions().front().*coordinate;
        for (const LonLat position : geometry.positions()) {
            side = is_greatest ? std::max(side, position.*coordinate) : std::min(side, position.*coordinate);
        }
        return side;
    }
};

constexpr std::array<Side, 4> kSides{{{"ST_MinX", &LonLat::lon, false},
                                      {"ST_MaxX", &LonLat::lon, true},
                                      {"ST_MinY", &LonLat::lat, false},
                                      {"ST_MaxY", &LonLat::lat, true}}};

/// The body of all four; which of them is the function's own pointer.
void side_of_box(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
    const auto* side = static_cast<const Side*>(sqlite3_user_data(context));
    const auto* bytes = static_cast<const std::byte*>(sqlite3_value_blob(values[0]));
    try {
        sqlite3_result_double(context,
                              side->of({bytes, static_cast<std::size_t>(sqlite3_value_bytes(values[0]))}));
    } catch (const Error&) {
        sqlite3_result_null(context);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
}

/// The body of ST_IsEmpty: a place is never empty.
void is_empty_geometry(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
    sqlite3_result_int(context, sqlite3_value_type(values[0]) == SQLITE_NULL ? 1 : 0);
}

std::int64_t pragma(sqlite::Database& database, std::string_view name) {
    sqlite::Statement statement(database, fmt::format("PRAGMA {}", name));
    return statement.step() ? statement.integer(0) : 0;
}

/// Declares the column anew as GEOMETRY: GeoPackage wants the type in the table's SQL to be that in
/// gpkg_geometry_columns. SQLite has no statement for it, but allows changes of sqlite_schema that leave what
/// is stored as it is (sqlite.org/lang_altertable.html, section 7). SQL that is not as expected stays.
void declare_geometry(sqlite::Database& database, std::string_view table, const std::string& type) {
    const std::int64_t version = pragma(database, "schema_version");
    database.execute("PRAGMA writable_schema = ON");
    sqlite::Statement change(database,
                             "UPDATE sqlite_schema SET sql = replace(replace(sql, 'geometry ' || ?2 || ' ', "
                             "'geometry GEOMETRY '), '\"geometry\" ' || ?2 || ' ', '\"geometry\" GEOMETRY ') "
                             "WHERE type = 'table' AND name = ?1");
    change.bind(1, table).bind(2, std::string_view(type)).run();
    database.execute(fmt::format("PRAGMA schema_version = {}; PRAGMA writable_schema = RESET", version + 1));
}

}  // namespace

std::int32_t srs_id_of(Crs crs) noexcept {
    return crs == Crs::wgs84 ? kWgs84 : kUndefinedCartesian;
}

bool is_empty(sqlite::Database& database) {
    sqlite::Statement any(database, "SELECT 1 FROM sqlite_master LIMIT 1");
    return !any.step();
}

bool is_unused(sqlite::Database& database) {
    if (is_empty(database)) return true;
    sqlite::Statement used(database, "SELECT 1 FROM gpkg_contents WHERE data_type <> 'crowfly'");
    return !used.step();
}

void require_geopackage(sqlite::Database& database) {
    if (pragma(database, "application_id") != kApplicationId) {
        throw Error(Code::corrupt, database.path() + ": is not a GeoPackage");
    }
    const std::int64_t version = pragma(database, "user_version");
    if (version >= kNextMajorVersion) {
        throw Error(Code::unsupported,
                    fmt::format("{}: is a GeoPackage of version {}; expected 1.x", database.path(), version));
    }
    sqlite::Statement tables(database,
                             "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN "
                             "('gpkg_spatial_ref_sys', 'gpkg_contents', 'gpkg_geometry_columns')");
    if (!tables.step() || tables.integer(0) != 3) {
        throw Error(Code::corrupt, database.path() + ": lacks the tables that a GeoPackage has");
    }
}

void add_geometry_functions(sqlite::Database& database) {
    const auto add = [&](const char* name, const Side* side, auto body) {
        database.check(sqlite3_create_function_v2(database.handle(), name, 1,
                                                  SQLITE_UTF8 | SQLITE_DETERMINISTIC, const_cast<Side*>(side),
                                                  body, nullptr, nullptr, nullptr));
    };
    for (const Side& side : kSides) add(side.function, &side, side_of_box);
    add("ST_IsEmpty", nullptr, is_empty_geometry);
}

void create_tables(sqlite::Database& database) {
    database.execute(
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", kApplicationId, kVersion));
    database.execute(kTables);
}

void register_table(sqlite::Database& database, const Schema& schema, std::string_view geometry_column) {
    const std::int64_t srs_id = srs_id_of(schema.crs);
    sqlite::Statement(database,
                      "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?1, "
                      "'features', ?1, ?2)")
        .bind(1, schema.name)
        .bind(2, srs_id)
        .run();
    sqlite::Statement(database, "INSERT INTO gpkg_geometry_columns VALUES (?1, ?2, 'POINT', ?3, 0, 0)")
        .bind(1, schema.name)
        .bind(2, geometry_column)
        .bind(3, srs_id)
        .run();
}

void update_contents(sqlite::Database& database, std::string_view table,
                     const std::optional<Extent>& extent) {
    sqlite::Statement update(database,
                             "UPDATE gpkg_contents SET min_x = ?2, min_y = ?3, max_x = ?4, max_y = ?5, "
                             "last_change = strftime('%Y-%m-%dT%H:%M:%fZ','now') WHERE table_name = ?1");
    update.bind(1, table);
    if (extent) {
        update.bind(2, extent->min_lon)
            .bind(3, extent->min_lat)
            .bind(4, extent->max_lon)
            .bind(5, extent->max_lat);
    }
    update.run();
}

void widen_geometry_column(sqlite::Database& database, std::string_view table,
                           const GeometryContent& content) {
    sqlite::Statement registered(
        database, "SELECT geometry_type_name, z, m FROM gpkg_geometry_columns WHERE table_name = ?1");
    if (!registered.bind(1, table).step()) return;
    const std::string type(registered.text(0));
    const bool admits_type = type == "GEOMETRY" || (type == "POINT" && !content.shapes);
    const bool admits_z = registered.integer(1) != kProhibited || !content.z;
    const bool admits_m = registered.integer(2) != kProhibited || !content.m;
    registered.reset();
    if (admits_type && admits_z && admits_m) return;
    sqlite::Statement widen(database,
                            "UPDATE gpkg_geometry_columns SET geometry_type_name = ?2, z = iif(?3, z, ?5), "
                            "m = iif(?4, m, ?5) WHERE table_name = ?1");
    widen.bind(1, table)
        .bind(2, std::string_view(admits_type ? type : "GEOMETRY"))
        .bind(3, std::int64_t{admits_z})
        .bind(4, std::int64_t{admits_m})
        .bind(5, kOptional)
        .run();
    if (!admits_type) declare_geometry(database, table, type);
}

std::vector<FeatureTable> feature_tables(sqlite::Database& database) {
    sqlite::Statement rows(database,
                           "SELECT c.table_name, g.column_name, g.srs_id FROM gpkg_contents c "
                           "JOIN gpkg_geometry_columns g ON g.table_name = c.table_name "
                           "WHERE c.data_type = 'features' ORDER BY c.table_name");
    std::vector<FeatureTable> tables;
    while (rows.step())
        tables.push_back({std::string(rows.text(0)), std::string(rows.text(1)), rows.integer(2)});
    return tables;
}

}  // namespace crowfly::geopackage
