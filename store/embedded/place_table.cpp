#include "store/embedded/place_table.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/gpkg_geometry.h"
#include "formats/json_value.h"
#include "formats/text.h"

namespace crowfly {

std::string property_columns(const Schema& schema, std::string_view suffix) {
    std::string sql;
    for (const Attribute& attribute : schema.attributes)
        sql += sqlite::quoted(attribute.name) + std::string(suffix) + ", ";
    return sql + "properties" + std::string(suffix);
}

namespace {

constexpr std::string_view kGeometryColumn = "geometry";

std::string_view sql_type(AttributeType type) {
    switch (type) {
        case AttributeType::boolean:
            return "BOOLEAN";
        case AttributeType::integer:
            return "INTEGER";
        case AttributeType::real:
            return "DOUBLE";
        case AttributeType::text:
            return "TEXT";
    }
    return {};
}

/// The attribute type that a column of this declared type can be read as; see GeoPackage 1.3, table 1.
std::optional<AttributeType> attribute_type(std::string_view sql) {
    const std::string_view base = sql.substr(0, sql.find('('));
    if (base == "BOOLEAN") return AttributeType::boolean;
    if (base == "TEXT") return AttributeType::text;
    for (const std::string_view name : {"TINYINT", "SMALLINT", "MEDIUMINT", "INT", "INTEGER"}) {
        if (base == name) return AttributeType::integer;
    }
    for (const std::string_view name : {"FLOAT", "DOUBLE", "REAL"}) {
        if (base == name) return AttributeType::real;
    }
    return std::nullopt;
}

/// The value as it is stored; SQLite lets other programs store what the column was not declared for.
Value value_of(const sqlite::Statement& row, int column, AttributeType type) {
    switch (row.type(column)) {
        case sqlite::StorageType::integer:
            if (type == AttributeType::boolean) return row.integer(column) != 0;
            if (type == AttributeType::real) return row.real(column);
            return row.integer(column);
        case sqlite::StorageType::real:
            return row.real(column);
        case sqlite::StorageType::text:
            return std::string(row.text(column));
        case sqlite::StorageType::null:
        case sqlite::StorageType::blob:
            break;
    }
    return {};
}

}  // namespace

PlaceTable::PlaceTable(sqlite::Database& database, Schema schema)
    : database_(database),
      schema_(std::move(schema)),
      table_(sqlite::quoted(schema_.name)),
      properties_(property_columns(schema_)),
      read_properties_(database, fmt::format("SELECT id, {} FROM {} WHERE fid = ?1", properties_, table_)) {}

void PlaceTable::require_free(sqlite::Database& database, const std::string& name) {
    sqlite::Statement taken(database, "SELECT 1 FROM sqlite_master WHERE name = ?1 COLLATE NOCASE");
    if (taken.bind(1, name).step())
        throw Error(Code::conflict, fmt::format("{}: has a table \"{}\" already", database.path(), name));
}

std::string PlaceTable::table_sql(const Schema& schema, std::string_view id_constraint) {
    std::string attributes;
    for (const Attribute& attribute : schema.attributes) {
        attributes += fmt::format("{} {}, ", sqlite::quoted(attribute.name), sql_type(attribute.type));
    }
    return fmt::format(
        "CREATE TABLE {} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, id TEXT NOT NULL {}, "
        "name TEXT, category TEXT, {} POINT NOT NULL, {}properties TEXT)",
        sqlite::quoted(schema.name), id_constraint, kGeometryColumn, attributes);
}

void PlaceTable::enter(sqlite::Database& database, const Schema& schema) {
    geopackage::register_table(database, schema, kGeometryColumn);
}

void PlaceTable::create(sqlite::Database& database, const Schema& schema) {
    require_free(database, schema.name);
    database.execute(table_sql(schema, "UNIQUE"));
    enter(database, schema);
}

std::optional<Schema> PlaceTable::schema_of(sqlite::Database& database,
                                            const geopackage::FeatureTable& table) {
    if (table.geometry_column != kGeometryColumn) return std::nullopt;
    Schema schema{.name = table.name};
    if (table.srs_id == geopackage::kWgs84) {
        schema.crs = Crs::wgs84;
    } else if (table.srs_id == geopackage::kUndefinedCartesian) {
        schema.crs = Crs::planar;
    } else {
        return std::nullopt;
    }
    std::vector<std::string> required{"fid",       "id", "name", "category", std::string(kGeometryColumn),
                                      "properties"};
    sqlite::Statement columns(
        database, "SELECT name, upper(type), \"notnull\" AND dflt_value IS NULL FROM pragma_table_info(?1)");
    columns.bind(1, table.name);
    while (columns.step()) {
        const std::string column(columns.text(0));
        if (std::erase(required, column) != 0 || column == kExpiryColumn) continue;
        const bool must_be_given = columns.integer(2) != 0;
        if (must_be_given) return std::nullopt;
        // A column of another type was added by another program, and stays its own.
        if (const auto type = attribute_type(columns.text(1))) schema.attributes.push_back({column, *type});
    }
    if (!required.empty()) return std::nullopt;
    return schema;
}

std::string PlaceTable::where(std::int64_t fid) const {
    return fmt::format("{}: {}, row {}", database_.path(), schema_.name, fid);
}

/// Throws Error for what is no geometry of a place.
void PlaceTable::set_geometry(Place& place, std::span<const std::byte> blob) const {
    if (!is_gpkg_point(blob)) {
        Geometry geometry = decode_gpkg_geometry(blob);
        if (const auto fault = geometry_fault(geometry, schema_.crs))
            throw Error(Code::corrupt, fault->reason);
        return place.set_geometry(std::move(geometry));
    }
    place.shape.reset();
    place.position = decode_gpkg_point(blob);
    if (const auto fault = coordinate_fault(place.position, schema_.crs))
        throw Error(Code::corrupt, fault->message);
}

std::string_view PlaceTable::text_of(const sqlite::Statement& row, int column, std::int64_t fid) const {
    const std::string_view text = row.text(column);
    const std::string_view fault = text_fault(text);
    if (!fault.empty()) throw Error(Code::corrupt, fmt::format("{}: its text {}", where(fid), fault));
    return text;
}

std::uint64_t PlaceTable::count(sqlite::Database& database, const std::string& name) {
    sqlite::Statement rows(database, fmt::format("SELECT count(*) FROM {}", sqlite::quoted(name)));
    return rows.step() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
}

bool PlaceTable::has_expiry(sqlite::Database& database, const std::string& name) {
    sqlite::Statement column(database, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2");
    return column.bind(1, name).bind(2, kExpiryColumn).step();
}

void PlaceTable::add_expiry(sqlite::Database& database, const std::string& name) {
    database.execute(
        fmt::format("ALTER TABLE {} ADD COLUMN {} INTEGER", sqlite::quoted(name), kExpiryColumn));
}

void PlaceTable::load(std::span<const Attribute> hot, const std::function<void(const StoredRow&)>& visit) {
    std::string has_more = "properties IS NOT NULL", values;
    for (const Attribute& attribute : schema_.attributes) {
        const bool is_hot = std::find(hot.begin(), hot.end(), attribute) != hot.end();
        if (!is_hot) has_more += fmt::format(" OR {} IS NOT NULL", sqlite::quoted(attribute.name));
    }
    for (const Attribute& attribute : hot) values += ", " + sqlite::quoted(attribute.name);
    sqlite::Statement rows(
        database_,
        fmt::format("SELECT fid, id, geometry, name, category, {}, {}{} FROM {} ORDER BY fid", has_more,
                    has_expiry(database_, schema_.name) ? kExpiryColumn : "NULL", values, table_));
    for (StoredRow stored; rows.step();) {
        stored.facts.fid = rows.integer(0);
        read_indexed_part(rows, stored.place);
        stored.facts.has_more = rows.integer(5) != 0;
        stored.facts.expires_at = expiry_of(rows, 6, stored.facts.fid);
        stored.place.properties.clear();
        append_attributes(rows, 7, stored.facts.fid, hot, stored.place);
        visit(stored);
    }
}

/// Another program may have put anything there, and what was taken for a time long past would be erased.
std::optional<Timestamp> PlaceTable::expiry_of(const sqlite::Statement& row, int column,
                                               std::int64_t fid) const {
    if (row.is_null(column)) return std::nullopt;
    if (row.type(column) != sqlite::StorageType::integer) {
        throw Error(Code::corrupt, fmt::format("{}: its {} is not an integer, the milliseconds since 1970",
                                               where(fid), kExpiryColumn));
    }
    return Timestamp(std::chrono::milliseconds(row.integer(column)));
}

/// From a row of `fid, id, geometry, name, category`.
void PlaceTable::read_indexed_part(const sqlite::Statement& row, Place& place) const {
    const std::int64_t fid = row.integer(0);
    place.id = text_of(row, 1, fid);
    place.name = text_of(row, 3, fid);
    place.category = text_of(row, 4, fid);
    if (row.is_null(2)) throw Error(Code::corrupt, fmt::format("{}: has no geometry", where(fid)));
    try {
        set_geometry(place, row.blob(2));
    } catch (const Error& error) {
        throw Error(error.code(), fmt::format("{}: {}", where(fid), error.what()));
    }
}

/// From such a row with the property columns after it.
Place PlaceTable::place_of(const sqlite::Statement& row) const {
    Place place;
    read_indexed_part(row, place);
    append_properties(row, 5, row.integer(0), place);
    return place;
}

/// Returns the column after the last.
int PlaceTable::append_attributes(const sqlite::Statement& row, int column, std::int64_t fid,
                                  std::span<const Attribute> attributes, Place& place) const {
    for (const Attribute& attribute : attributes) {
        if (!row.is_null(column)) {
            if (row.type(column) == sqlite::StorageType::text) text_of(row, column, fid);
            place.properties.push_back({attribute.name, value_of(row, column, attribute.type)});
        }
        ++column;
    }
    return column;
}

void PlaceTable::append_properties(const sqlite::Statement& row, int column, std::int64_t fid,
                                   Place& place) const {
    column = append_attributes(row, column, fid, schema_.attributes, place);
    if (row.is_null(column)) return;
    try {
        append_json_object(row.text(column), place.properties);
    } catch (const Error& error) {
        throw Error(error.code(), fmt::format("{}: {}", where(fid), error.what()));
    }
}

std::optional<Place> PlaceTable::get(std::string_view id) {
    sqlite::Statement one(database_,
                          fmt::format("SELECT fid, id, geometry, name, category, {} FROM {} WHERE id = ?1",
                                      properties_, table_));
    if (!one.bind(1, id).step()) return std::nullopt;
    return place_of(one);
}

std::optional<Timestamp> PlaceTable::expires_at(std::string_view id) {
    if (!has_expiry(database_, schema_.name)) return std::nullopt;
    sqlite::Statement one(database_, fmt::format("SELECT {0} FROM {1} WHERE id = ?1 AND {0} IS NOT NULL",
                                                 kExpiryColumn, table_));
    if (!one.bind(1, id).step()) return std::nullopt;
    return Timestamp(std::chrono::milliseconds(one.integer(0)));
}

void PlaceTable::scan(const std::function<void(const Place&)>& visit) {
    scan(visit, [](const Error& fault) { throw Error(fault); });
}

void PlaceTable::scan(const std::function<void(const Place&)>& visit,
                      const std::function<void(const Error& fault)>& refuse) {
    sqlite::Statement all(database_,
                          fmt::format("SELECT fid, id, geometry, name, category, {} FROM {} ORDER BY fid",
                                      properties_, table_));
    while (all.step()) {
        std::optional<Place> place;
        try {
            place = place_of(all);
        } catch (const Error& fault) {
            refuse(fault);
        }
        if (place) visit(*place);
    }
}

void PlaceTable::scan_after(std::int64_t fid,
                            const std::function<bool(std::int64_t fid, Place& place)>& visit) {
    sqlite::Statement rows(
        database_,
        fmt::format("SELECT fid, id, geometry, name, category, {} FROM {} WHERE fid > ?1 ORDER BY fid",
                    properties_, table_));
    rows.bind(1, fid);
    while (rows.step()) {
        Place place = place_of(rows);
        if (!visit(rows.integer(0), place)) break;
    }
}

std::optional<Place> PlaceTable::at(std::int64_t fid) {
    sqlite::Statement one(database_,
                          fmt::format("SELECT fid, id, geometry, name, category, {} FROM {} WHERE fid = ?1",
                                      properties_, table_));
    if (!one.bind(1, fid).step()) return std::nullopt;
    return place_of(one);
}

sqlite::Statement PlaceTable::attributes_statement(std::span<const Attribute> attributes) {
    std::string columns = "id";
    for (const Attribute& attribute : attributes) columns += ", " + sqlite::quoted(attribute.name);
    return {database_, fmt::format("SELECT {} FROM {} WHERE fid = ?1", columns, table_)};
}

PlaceTable::Reading::Reading(PlaceTable& table) : database_(table.database_) {
    database_.execute("BEGIN");
}

PlaceTable::Reading::~Reading() {
    try {
        database_.execute("COMMIT");
    } catch (const Error&) {
        // Nothing was written: what cannot be ended here ends with the connection.
    }
}

void PlaceTable::read_properties(std::int64_t fid, Place& place) {
    if (!read_properties_.bind(1, fid).step()) return;
    if (read_properties_.text(0) == place.id) append_properties(read_properties_, 1, fid, place);
    read_properties_.reset();
}

}  // namespace crowfly
