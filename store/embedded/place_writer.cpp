#include "store/embedded/place_writer.h"

#include <algorithm>
#include <span>
#include <string>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/gpkg_geometry.h"
#include "formats/json_writer.h"
#include "store/embedded/geopackage.h"
#include "store/embedded/place_table.h"

namespace crowfly {
namespace {

/// All columns but the fid and the id, each before `suffix`.
std::string columns(const Schema& schema, bool has_expiry, std::string_view suffix = "") {
    std::string sql;
    for (const std::string_view column : {"name", "category", "geometry"})
        sql += fmt::format("{}{}, ", column, suffix);
    sql += property_columns(schema, suffix);
    if (has_expiry) sql += fmt::format(", {}{}", kExpiryColumn, suffix);
    return sql;
}

std::string insert_sql(const Schema& schema, bool has_expiry) {
    std::string parameters = "?, ?, ?, ?, ?";
    for (std::size_t i = 0; i < schema.attributes.size() + (has_expiry ? 1 : 0); ++i) parameters += ", ?";
    return fmt::format("INSERT INTO {} (id, {}) VALUES ({})", sqlite::quoted(schema.name),
                       columns(schema, has_expiry), parameters);
}

void bind_text_or_null(sqlite::Statement& statement, int parameter, std::string_view text) {
    if (text.empty()) {
        statement.bind_null(parameter);
    } else {
        statement.lend(parameter, text);
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
        statement.lend(parameter, std::string_view(std::get<std::string>(*value)));
    }
}

void bind_time(sqlite::Statement& statement, int parameter, std::optional<Timestamp> time) {
    if (time) {
        statement.bind(parameter, std::int64_t{time->time_since_epoch().count()});
    } else {
        statement.bind_null(parameter);
    }
}

}  // namespace

PlaceWriter::PlaceWriter(sqlite::Database& database, const Schema& schema, bool has_expiry)
    : database_(database),
      schema_(schema),
      srs_id_(geopackage::srs_id_of(schema.crs)),
      has_expiry_(has_expiry),
      insert_(database, insert_sql(schema, has_expiry)),
      update_(database, fmt::format("UPDATE {} SET {} WHERE fid = ?", sqlite::quoted(schema.name),
                                    columns(schema, has_expiry, " = ?"))),
      move_(database, fmt::format("UPDATE {} SET geometry = ?1 WHERE fid = ?2", sqlite::quoted(schema.name))),
      erase_(database, fmt::format("DELETE FROM {} WHERE fid = ?1", sqlite::quoted(schema.name))) {
    if (!has_expiry) return;
    move_and_expire_.emplace(database, fmt::format("UPDATE {} SET geometry = ?1, {} = ?3 WHERE fid = ?2",
                                                   sqlite::quoted(schema.name), kExpiryColumn));
}

/// Binds everything but the fid and the id, from `parameter` on; returns the parameter after the last. The
/// place must stay until the statement has run.
int PlaceWriter::bind(sqlite::Statement& statement, int parameter, const Place& place,
                      std::optional<Timestamp> expires_at) {
    bind_text_or_null(statement, parameter++, place.name);
    bind_text_or_null(statement, parameter++, place.category);
    if (place.shape != nullptr) {
        geometry_ = encode_gpkg_geometry(*place.shape, srs_id_);
    } else {
        const auto point = encode_gpkg_point(place.position, srs_id_);
        geometry_.assign(point.begin(), point.end());
    }
    statement.lend(parameter++, std::span<const std::byte>(geometry_));
    bind_attributes(statement, parameter, place);
    if (has_expiry_) bind_time(statement, parameter++, expires_at);
    return parameter;
}

void PlaceWriter::bind_attributes(sqlite::Statement& statement, int& parameter, const Place& place) {
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
    properties_.clear();
    JsonWriter json(properties_);
    for (const Property& property : place.properties) {
        if (is_declared(property)) continue;
        if (properties_.empty()) json.begin_object();
        json.key(property.name).value(property.value);
    }
    if (!properties_.empty()) json.end_object();
    bind_text_or_null(statement, parameter++, properties_);
}

std::int64_t PlaceWriter::insert(const Place& place, std::optional<Timestamp> expires_at) {
    insert_.lend(1, place.id);
    bind(insert_, 2, place, expires_at);
    if (!run(insert_)) {
        throw Error(Code::conflict,
                    fmt::format("{}: {}: a trigger of another program has kept the place \"{}\" out",
                                database_.path(), schema_.name, place.id));
    }
    return database_.last_insert_rowid();
}

/// Runs a statement for one row; false when it has done nothing.
bool PlaceWriter::run(sqlite::Statement& statement) {
    statement.run();
    return database_.changes() == 1;
}

bool PlaceWriter::update(std::int64_t fid, const Place& place, std::optional<Timestamp> expires_at) {
    const int next = bind(update_, 1, place, expires_at);
    return run(update_.bind(next, fid));
}

bool PlaceWriter::move(std::int64_t fid, LonLat position) {
    const auto point = encode_gpkg_point(position, srs_id_);
    return run(move_.lend(1, std::span<const std::byte>(point)).bind(2, fid));
}

bool PlaceWriter::move(std::int64_t fid, LonLat position, Timestamp expires_at) {
    const auto point = encode_gpkg_point(position, srs_id_);
    move_and_expire_->lend(1, std::span<const std::byte>(point)).bind(2, fid);
    bind_time(*move_and_expire_, 3, expires_at);
    return run(*move_and_expire_);
}

bool PlaceWriter::erase(std::int64_t fid) {
    return run(erase_.bind(1, fid));
}

}  // namespace crowfly
