#include "store/embedded/place_writer.h"

#include <algorithm>
#include <span>
#include <string>

#include <fmt/format.h>

#include "formats/gpkg_geometry.h"
#include "formats/json_writer.h"
#include "store/embedded/geopackage.h"
#include "store/embedded/place_table.h"

namespace crowfly {
namespace {

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

}  // namespace

PlaceWriter::PlaceWriter(sqlite::Database& database, const Schema& schema)
    : database_(database),
      schema_(schema),
      find_(database, fmt::format("SELECT fid FROM {} WHERE id = ?1", sqlite::quoted(schema.name))),
      insert_(database, insert_sql(schema, sqlite::quoted(schema.name))),
      update_(database,
              fmt::format("UPDATE {} SET id = ?, name = ?, category = ?, geometry = ?, {} WHERE fid = ?",
                          sqlite::quoted(schema.name), property_columns(schema, " = ?"))),
      erase_(database,
             fmt::format("DELETE FROM {} WHERE id = ?1 RETURNING fid", sqlite::quoted(schema.name))) {}

std::optional<std::int64_t> PlaceWriter::find(std::string_view id) {
    if (!find_.bind(1, id).step()) return std::nullopt;
    const std::int64_t fid = find_.integer(0);
    find_.reset();
    return fid;
}

/// Binds everything but the fid, from `parameter` on; returns the parameter after the last.
int PlaceWriter::bind(sqlite::Statement& statement, int parameter, const Place& place) const {
    statement.bind(parameter++, place.id);
    bind_text_or_null(statement, parameter++, place.name);
    bind_text_or_null(statement, parameter++, place.category);
    const std::int32_t srs_id = geopackage::srs_id_of(schema_.crs);
    if (place.shape != nullptr) {
        statement.bind(parameter++, std::span<const std::byte>(encode_gpkg_geometry(*place.shape, srs_id)));
    } else {
        statement.bind(parameter++, std::span<const std::byte>(encode_gpkg_point(place.position, srs_id)));
    }

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

std::int64_t PlaceWriter::insert(const Place& place) {
    bind(insert_, 1, place);
    insert_.run();
    return database_.last_insert_rowid();
}

void PlaceWriter::update(std::int64_t fid, const Place& place) {
    const int next = bind(update_, 1, place);
    update_.bind(next, fid);
    update_.run();
}

bool PlaceWriter::erase(std::string_view id) {
    const bool was_there = erase_.bind(1, id).step();
    if (was_there) erase_.run();
    return was_there;
}

}  // namespace crowfly
