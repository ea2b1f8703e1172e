#include "store/embedded/place_table.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <simdjson.h>
#include <sqlite3.h>

#include "core/error.h"
#include "formats/gpkg_geometry.h"
#include "formats/json_value.h"
#include "formats/json_writer.h"

namespace crowfly {
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

std::optional<AttributeType> attribute_type(std::string_view sql) {
    for (const auto type :
         {AttributeType::boolean, AttributeType::integer, AttributeType::real, AttributeType::text}) {
        if (sql == sql_type(type)) return type;
    }
    return std::nullopt;
}

/// `"a", "b", "properties"`, each behind `prefix` and before `suffix`.
std::string property_columns(const Schema& schema, std::string_view suffix = "") {
    std::string sql;
    for (const Attribute& attribute : schema.attributes)
        sql += sqlite::quoted(attribute.name) + std::string(suffix) + ", ";
    return sql + "properties" + std::string(suffix);
}

std::string insert_sql(const Schema& schema, std::string_view table) {
    std::string parameters = "?, ?, ?, ?, ?";
    for (std::size_t i = 0; i < schema.attributes.size(); ++i) parameters += ", ?";
    return fmt::format("INSERT INTO {} (id, name, category, geometry, {}) VALUES ({})", table,
                       property_columns(schema), parameters);
}

void bind_text_or_null(sqlite::Statement& statement, int parameter, std::string_view text) {
    if (text.empty()) {
        statement.bind_null(parameter);
    } else {
        statement.bind(parameter, text);
    }
}

void bind_value(sqlite::Statement& statement, int parameter, const Value* value) {
    if (value == nullptr || std::holds_alternative<std::monostate>(*value)) {
        statement.bind_null(parameter);
    } else if (const auto* flag = std::get_if<bool>(value)) {
        statement.bind(parameter, static_cast<std::int64_t>(*flag));
    } else if (const auto* integer = std::get_if<std::int64_t>(value)) {
        statement.bind(parameter, *integer);
    } else if (const auto* real = std::get_if<double>(value)) {
        statement.bind(parameter, *real);
    } else {
        statement.bind(parameter, std::string_view(std::get<std::string>(*value)));
    }
}

Value value_of(const sqlite::Statement& row, int column, AttributeType type) {
    switch (type) {
        case AttributeType::boolean:
            return row.integer(column) != 0;
        case AttributeType::integer:
            return row.integer(column);
        case AttributeType::real:
            return row.real(column);
        case AttributeType::text:
            return std::string(row.text(column));
    }
    return {};
}

}  // namespace

PlaceTable::PlaceTable(sqlite::Database& database, Schema schema)
    : database_(database),
      schema_(std::move(schema)),
      table_(sqlite::quoted(schema_.name)),
      properties_(property_columns(schema_)),
      find_(database, fmt::format("SELECT fid FROM {} WHERE id = ?1", table_)),
      insert_(database, insert_sql(schema_, table_)),
      update_(database,
              fmt::format("UPDATE {} SET id = ?, name = ?, category = ?, geometry = ?, {} WHERE fid = ?",
                          table_, property_columns(schema_, " = ?"))),
      erase_(database, fmt::format("DELETE FROM {} WHERE id = ?1 RETURNING fid", table_)),
      read_properties_(database, fmt::format("SELECT {} FROM {} WHERE fid = ?1", properties_, table_)) {}

void PlaceTable::create(sqlite::Database& database, const Schema& schema) {
    sqlite::Statement taken(database, "SELECT 1 FROM sqlite_master WHERE name = ?1 COLLATE NOCASE");
    if (taken.bind(1, schema.name).step()) {
        throw Error(Code::conflict,
                    fmt::format("{}: has a table \"{}\" already", database.path(), schema.name));
    }
    std::string attributes;
    for (const Attribute& attribute : schema.attributes) {
        attributes += fmt::format("{} {}, ", sqlite::quoted(attribute.name), sql_type(attribute.type));
    }
    database.execute(fmt::format(
        "CREATE TABLE {} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, id TEXT NOT NULL UNIQUE, "
        "name TEXT, category TEXT, {} POINT NOT NULL, {}properties TEXT)",
        sqlite::quoted(schema.name), kGeometryColumn, attributes));
    geopackage::register_table(database, schema, kGeometryColumn);
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
    sqlite::Statement columns(database, "SELECT name, upper(type) FROM pragma_table_info(?1)");
    columns.bind(1, table.name);
    while (columns.step()) {
        const std::string column(columns.text(0));
        if (std::erase(required, column) != 0) continue;
        const auto type = attribute_type(columns.text(1));
        if (!type) return std::nullopt;
        schema.attributes.push_back({column, *type});
    }
    if (!required.empty()) return std::nullopt;
    return schema;
}

std::optional<std::int64_t> PlaceTable::find(std::string_view id) {
    if (!find_.bind(1, id).step()) return std::nullopt;
    const std::int64_t fid = find_.integer(0);
    find_.reset();
    return fid;
}

/// Binds everything but the fid, from `parameter` on; returns the parameter after the last.
int PlaceTable::bind(sqlite::Statement& statement, int parameter, const Place& place) const {
    statement.bind(parameter++, place.id);
    bind_text_or_null(statement, parameter++, place.name);
    bind_text_or_null(statement, parameter++, place.category);
    const auto blob = encode_gpkg_point(place.position, geopackage::srs_id_of(schema_.crs));
    statement.bind(parameter++, std::span<const std::byte>(blob));

    const auto is_declared = [this](const Property& property) {
        return std::any_of(schema_.attributes.begin(), schema_.attributes.end(),
                           [&](const Attribute& attribute) { return attribute.name == property.name; });
    };
    for (const Attribute& attribute : schema_.attributes) {
        const auto given =
            std::find_if(place.properties.begin(), place.properties.end(),
                         [&](const Property& property) { return property.name == attribute.name; });
        bind_value(statement, parameter++, given == place.properties.end() ? nullptr : &given->value);
    }
    std::string undeclared;
    JsonWriter json(undeclared);
    for (const Property& property : place.properties) {
        if (is_declared(property)) continue;
        if (undeclared.empty()) json.begin_object();
        json.key(property.name).value(property.value);
    }
    if (!undeclared.empty()) json.end_object();
    bind_text_or_null(statement, parameter++, undeclared);
    return parameter;
}

std::int64_t PlaceTable::insert(const Place& place) {
    bind(insert_, 1, place);
    insert_.run();
    return database_.last_insert_rowid();
}

void PlaceTable::update(std::int64_t fid, const Place& place) {
    const int next = bind(update_, 1, place);
    update_.bind(next, fid);
    update_.run();
}

bool PlaceTable::erase(std::string_view id) {
    const bool was_there = erase_.bind(1, id).step();
    if (was_there) erase_.run();
    return was_there;
}

LonLat PlaceTable::position_of(sqlite::Statement& row, int column, std::int64_t fid) const {
    const auto where = [&] { return fmt::format("{}: {}, row {}", database_.path(), schema_.name, fid); };
    LonLat position{};
    try {
        position = decode_gpkg_point(row.blob(column));
    } catch (const Error& error) {
        throw Error(error.code(), fmt::format("{}: {}", where(), error.what()));
    }
    if (const auto fault = coordinate_fault(position, schema_.crs)) {
        throw Error(Code::corrupt, fmt::format("{}: {}", where(), fault->message));
    }
    return position;
}

Rows PlaceTable::load() {
    Rows rows;
    sqlite::Statement all(
        database_, fmt::format("SELECT fid, id, geometry, name, category FROM {} ORDER BY fid", table_));
    while (all.step()) {
        const std::int64_t fid = all.integer(0);
        rows.push_back(fid, all.text(1), position_of(all, 2, fid), all.text(3), all.text(4));
    }
    return rows;
}

std::uint64_t PlaceTable::count() {
    sqlite::Statement count(database_, fmt::format("SELECT count(*) FROM {}", table_));
    return count.step() ? static_cast<std::uint64_t>(count.integer(0)) : 0;
}

/// From a row of `fid, id, geometry, name, category` and the property columns.
Place PlaceTable::place_of(sqlite::Statement& row) const {
    Place place{.id = std::string(row.text(1)),
                .position = position_of(row, 2, row.integer(0)),
                .name = std::string(row.text(3)),
                .category = std::string(row.text(4))};
    append_properties(row, 5, place);
    return place;
}

void PlaceTable::append_properties(const sqlite::Statement& row, int column, Place& place) const {
    for (const Attribute& attribute : schema_.attributes) {
        if (!row.is_null(column))
            place.properties.push_back({attribute.name, value_of(row, column, attribute.type)});
        ++column;
    }
    if (!row.is_null(column)) append_json_object(row.text(column), place.properties);
}

std::optional<Place> PlaceTable::get(std::string_view id) {
    sqlite::Statement one(database_,
                          fmt::format("SELECT fid, id, geometry, name, category, {} FROM {} WHERE id = ?1",
                                      properties_, table_));
    if (!one.bind(1, id).step()) return std::nullopt;
    return place_of(one);
}

void PlaceTable::scan(const std::function<void(const Place&)>& visit) {
    sqlite::Statement all(database_,
                          fmt::format("SELECT fid, id, geometry, name, category, {} FROM {} ORDER BY fid",
                                      properties_, table_));
    while (all.step()) visit(place_of(all));
}

void PlaceTable::read_properties(std::int64_t fid, Place& place) {
    if (!read_properties_.bind(1, fid).step()) return;
    append_properties(read_properties_, 0, place);
    read_properties_.reset();
}

}  // namespace crowfly
