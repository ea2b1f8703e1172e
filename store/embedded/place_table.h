#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/embedded/geopackage.h"
#include "store/embedded/sqlite.h"
#include "store/snapshot.h"

namespace crowfly {

/// One collection's table in the file, as SQL:
///
///     fid INTEGER PRIMARY KEY, id TEXT UNIQUE, name TEXT, category TEXT, geometry POINT,
///     one column for each declared attribute, properties TEXT (a JSON object of all that is not declared)
///
/// An absent name, category, attribute or property set is NULL. No call opens a transaction.
class PlaceTable {
  public:
    /// A table that is there.
    PlaceTable(sqlite::Database& database, Schema schema);

    /// Makes and registers a new table. Throws Error(conflict) when the file has a table of that name.
    static void create(sqlite::Database& database, const Schema& schema);

    /// The schema of a feature table, or nothing when its columns are not those of a collection.
    static std::optional<Schema> schema_of(sqlite::Database& database, const geopackage::FeatureTable& table);

    const Schema& schema() const noexcept { return schema_; }

    /// The fid of the place with this id.
    std::optional<std::int64_t> find(std::string_view id);

    /// Returns the new fid.
    std::int64_t insert(const Place& place);
    void update(std::int64_t fid, const Place& place);

    /// Returns whether the place was there.
    bool erase(std::string_view id);

    /// All rows by fid, as a snapshot needs them. Throws Error(corrupt or unsupported) that names the row
    /// when a geometry is not a point within the domain.
    Rows load();

    std::uint64_t count();
    std::optional<Place> get(std::string_view id);
    void scan(const std::function<void(const Place&)>& visit);

    /// Adds attributes and undeclared properties; leaves the place as it is when the row is gone.
    void read_properties(std::int64_t fid, Place& place);

  private:
    int bind(sqlite::Statement& statement, int parameter, const Place& place) const;
    Place place_of(sqlite::Statement& row) const;
    void append_properties(const sqlite::Statement& row, int column, Place& place) const;
    LonLat position_of(sqlite::Statement& row, int column, std::int64_t fid) const;

    sqlite::Database& database_;
    Schema schema_;
    std::string table_;       // as an SQL identifier
    std::string properties_;  // the columns of attributes, and `properties`, as SQL
    sqlite::Statement find_;
    sqlite::Statement insert_;
    sqlite::Statement update_;
    sqlite::Statement erase_;
    sqlite::Statement read_properties_;
};

}  // namespace crowfly
