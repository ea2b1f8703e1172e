#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"
#include "store/embedded/geopackage.h"
#include "store/embedded/sqlite.h"
#include "store/snapshot.h"

namespace crowfly {

/// The columns of the attributes and `properties`, each before `suffix`, as SQL with commas between them.
std::string property_columns(const Schema& schema, std::string_view suffix = "");

/// One collection's table in the file, as SQL:
///
///     fid INTEGER PRIMARY KEY, id TEXT UNIQUE, name TEXT, category TEXT,
///     geometry POINT, or GEOMETRY once there has been a place with a shape,
///     one column for each declared attribute, properties TEXT (a JSON object of all that is not declared)
///
/// An absent name, category, attribute or property set is NULL. This reads; PlaceWriter writes.
class PlaceTable {
  public:
    /// A table that is there.
    PlaceTable(sqlite::Database& database, Schema schema);

    /// Makes and registers a new table, as part of the caller's transaction. Throws Error(conflict) when the
    /// file has a table of that name.
    static void create(sqlite::Database& database, const Schema& schema);

    /// The schema of a feature table, or nothing when its columns are not those of a collection.
    static std::optional<Schema> schema_of(sqlite::Database& database, const geopackage::FeatureTable& table);

    /// All rows by fid, as a snapshot needs them. Throws Error(corrupt or unsupported) that names the row
    /// when a geometry is none that a collection takes.
    Rows load();

    std::optional<Place> get(std::string_view id);
    void scan(const std::function<void(const Place&)>& visit);

    /// The same, but what cannot be read of a row goes to `refuse`, and reading goes on with the next.
    void scan(const std::function<void(const Place&)>& visit,
              const std::function<void(const Error& fault)>& refuse);

    /// Adds attributes and undeclared properties; leaves the place as it is when the row is gone or is
    /// another place by now. Throws
    /// Error(corrupt) that names the row.
    void read_properties(std::int64_t fid, Place& place);

  private:
    std::string where(std::int64_t fid) const;
    std::string_view text_of(const sqlite::Statement& row, int column, std::int64_t fid) const;
    Place place_of(const sqlite::Statement& row) const;
    Place indexed_part_of(const sqlite::Statement& row) const;
    void append_properties(const sqlite::Statement& row, int column, std::int64_t fid, Place& place) const;
    void set_geometry(Place& place, std::span<const std::byte> blob) const;

    sqlite::Database& database_;
    Schema schema_;
    std::string table_;       // as an SQL identifier
    std::string properties_;  // the columns of attributes, and `properties`, as SQL
    sqlite::Statement read_properties_;
};

}  // namespace crowfly
