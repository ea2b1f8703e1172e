#include "store/embedded/check_rows.h"

#include <fmt/format.h>

#include "store/embedded/geopackage.h"
#include "store/embedded/place_table.h"

namespace crowfly {
namespace {

constexpr std::uint64_t kPlacesBetweenReports = 10'000;

/// What the rows are, to be compared with what the file says of them.
struct RowsFound {
    std::uint64_t rows = 0;  ///< also those with faults
    std::uint64_t places = 0;
    std::optional<Extent> extent = {};
    GeometryContent content = {};

    void add(const Place& place) {
        ++rows;
        ++places;
        grow(extent, place.vertices());
        if (place.shape == nullptr) return;
        content.shapes = true;
        content.z = content.z || !place.shape->z().empty();
        content.m = content.m || !place.shape->m().empty();
    }
};

RowsFound read_rows(sqlite::Database& database, const Schema& schema, const CheckOptions& options,
                    CheckReport& report) {
    RowsFound found;
    PlaceTable table(database, schema);
    table.scan(
        [&](const Place& place) {
            found.add(place);
            if (options.progress && found.rows % kPlacesBetweenReports == 0) options.progress(found.rows);
        },
        [&](const Error& fault) {
            ++found.rows;
            report.add_fault(database.path(), fault);
        });
    return found;
}

std::string text_of(const Extent& extent) {
    return fmt::format("{}, {} to {}, {}", extent.min_lon, extent.min_lat, extent.max_lon, extent.max_lat);
}

bool contains(const Extent& outer, const Extent& inner) {
    Extent both = outer;
    both.grow({inner.min_lon, inner.min_lat});
    both.grow({inner.max_lon, inner.max_lat});
    return both == outer;
}

/// Other programs may leave an extent wider than the rows, but none may be without it.
void check_extent(sqlite::Database& database, const Schema& schema, const RowsFound& found,
                  CheckReport& report) {
    sqlite::Statement row(database,
                          "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?1");
    if (!row.bind(1, schema.name).step() || !found.extent) return;
    if (row.is_null(0)) {
        report.notes.push_back(schema.name + ": gpkg_contents does not say its extent");
        return;
    }
    const Extent said{row.real(0), row.real(1), row.real(2), row.real(3)};
    if (said == *found.extent) return;
    const std::string both = fmt::format("gpkg_contents says the extent is {}, and the places have {}",
                                         text_of(said), text_of(*found.extent));
    if (contains(said, *found.extent)) {
        report.notes.push_back(schema.name + ": " + both);
    } else {
        report.add_fault(schema.name, both);
    }
}

void check_geometry_column(sqlite::Database& database, const Schema& schema, const RowsFound& found,
                           CheckReport& report) {
    constexpr std::int64_t kProhibited = 0;
    sqlite::Statement row(database,
                          "SELECT geometry_type_name, z, m FROM gpkg_geometry_columns WHERE table_name = ?1");
    if (!row.bind(1, schema.name).step()) return;
    const std::string type(row.text(0));
    if (type == "POINT" && found.content.shapes)
        report.add_fault(schema.name, "gpkg_geometry_columns says POINT, and some places are no points");
    if ((row.integer(1) == kProhibited && found.content.z) ||
        (row.integer(2) == kProhibited && found.content.m))
        report.add_fault(schema.name, "gpkg_geometry_columns prohibits z or m, and some places have it");
}

bool has_table(sqlite::Database& database, const std::string& name) {
    sqlite::Statement table(database, "SELECT 1 FROM sqlite_master WHERE name = ?1");
    return table.bind(1, name).step();
}

/// GDAL shows this count instead of counting.
void check_count(sqlite::Database& database, const Schema& schema, const RowsFound& found,
                 CheckReport& report) {
    if (!has_table(database, "gpkg_ogr_contents")) return;
    sqlite::Statement row(database, "SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = ?1");
    if (!row.bind(1, schema.name).step() || row.is_null(0)) return;
    if (static_cast<std::uint64_t>(row.integer(0)) == found.rows) return;
    report.add_fault(schema.name, fmt::format("gpkg_ogr_contents says it has {} places, and it has {}",
                                              row.integer(0), found.rows));
}

void check_spatial_index(sqlite::Database& database, const Schema& schema, const RowsFound& found,
                         CheckReport& report) {
    const std::string index = "rtree_" + schema.name + "_geometry";
    if (!has_table(database, index)) return;
    sqlite::Statement count(database, "SELECT count(*) FROM " + sqlite::quoted(index));
    if (count.step() && static_cast<std::uint64_t>(count.integer(0)) != found.rows) {
        report.add_fault(schema.name, fmt::format("the spatial index {} has {} entries for {} places", index,
                                                  count.integer(0), found.rows));
    }
    sqlite::Statement check(database, "SELECT rtreecheck('main', ?1)");
    if (check.bind(1, index).step() && check.text(0) != "ok")
        report.add_fault(schema.name, fmt::format("the spatial index {}: {}", index, check.text(0)));
}

}  // namespace

void check_rows(const std::string& store, const Schema& schema, const CheckOptions& options,
                CheckedCollection& found, CheckReport& report) {
    sqlite::Database database(store, sqlite::Access::read_only);
    geopackage::add_geometry_functions(database);
    database.execute("BEGIN");
    const RowsFound rows = read_rows(database, schema, options, report);
    found.places = rows.places;
    found.extent = rows.extent;
    check_extent(database, schema, rows, report);
    check_geometry_column(database, schema, rows, report);
    check_count(database, schema, rows, report);
    check_spatial_index(database, schema, rows, report);
}

}  // namespace crowfly
