#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "store/embedded/geopackage.h"
#include "store/embedded/loaded_rows.h"
#include "store/embedded/sqlite.h"

namespace crowfly {

/// The column of the times at which places expire. No attribute has a name like it (require_valid).
inline constexpr std::string_view kExpiryColumn = "_expires_at";

/// The columns of the attributes and `properties`, each before `suffix`, as SQL with commas between them.
std::string property_columns(const Schema& schema, std::string_view suffix = "");

/// One collection's table in the file, as SQL:
///
///     fid INTEGER PRIMARY KEY, id TEXT (UNIQUE, or with a unique index), name TEXT, category TEXT,
///     geometry POINT, or GEOMETRY once there has been a place with a shape,
///     one column for each declared attribute, properties TEXT (a JSON object of all that is not declared),
///     _expires_at INTEGER (a Timestamp), once there has been a place that expires
///
/// An absent name, category, attribute, property set or time is NULL. This reads; PlaceWriter writes.
class PlaceTable {
  public:
    /// A table that is there.
    PlaceTable(sqlite::Database& database, Schema schema);

    /// Makes and registers a new table, as part of the caller's transaction. Throws Error(conflict) when the
    /// file has a table of that name.
    static void create(sqlite::Database& database, const Schema& schema);

    /// What `create` does, in steps, for a table that is made under another name. Throws Error(conflict) for
    /// a name that is taken.
    static void require_free(sqlite::Database& database, const std::string& name);
    static std::string table_sql(const Schema& schema, std::string_view id_constraint);
    static void enter(sqlite::Database& database, const Schema& schema);

    /// Of the index of ids, where it is not part of the table's own SQL. No collection can be called so.
    static std::string index_name(std::string_view collection) { return std::string(collection) + ".id"; }

    /// The schema of a feature table, or nothing when its columns are not those of a collection.
    static std::optional<Schema> schema_of(sqlite::Database& database, const geopackage::FeatureTable& table);

    /// How many rows there are. Cost: some 50 milliseconds for each million.
    static std::uint64_t count(sqlite::Database& database, const std::string& name);

    /// Whether there is a column for the times at which places expire; and adds it, as part of the caller's
    /// transaction.
    static bool has_expiry(sqlite::Database& database, const std::string& name);
    static void add_expiry(sqlite::Database& database, const std::string& name);

    /// All rows in the order of their fids; of the properties only those of `hot`, which are attributes of
    /// the schema. Throws Error(corrupt or unsupported) that names the row when a geometry is none that a
    /// collection takes.
    void load(std::span<const Attribute> hot, const std::function<void(const StoredRow&)>& visit);

    std::optional<Timestamp> expires_at(std::string_view id);

    std::optional<Place> get(std::string_view id);
    void scan(const std::function<void(const Place&)>& visit);

    /// The same, but what cannot be read of a row goes to `refuse`, and reading goes on with the next.
    void scan(const std::function<void(const Place&)>& visit,
              const std::function<void(const Error& fault)>& refuse);

    /// Calls visit(fid, place) with the places after a fid, in order, until it returns false.
    void scan_after(std::int64_t fid, const std::function<bool(std::int64_t fid, Place& place)>& visit);

    /// Nothing when there is none.
    std::optional<Place> at(std::int64_t fid);

    /// A statement that gives `id` and some attributes of the row whose fid is its parameter.
    sqlite::Statement attributes_statement(std::span<const Attribute> attributes);

    /// One state of the file for all that is read as long as it lives.
    class Reading {
      public:
        explicit Reading(PlaceTable& table);
        Reading(const Reading&) = delete;
        Reading& operator=(const Reading&) = delete;
        ~Reading();

      private:
        sqlite::Database& database_;
    };

    /// Adds attributes and undeclared properties; leaves the place as it is when the row is gone or is
    /// another place by now. Throws
    /// Error(corrupt) that names the row.
    void read_properties(std::int64_t fid, Place& place);

  private:
    std::string where(std::int64_t fid) const;
    std::string_view text_of(const sqlite::Statement& row, int column, std::int64_t fid) const;
    Place place_of(const sqlite::Statement& row) const;
    void read_indexed_part(const sqlite::Statement& row, Place& place) const;
    int append_attributes(const sqlite::Statement& row, int column, std::int64_t fid,
                          std::span<const Attribute> attributes, Place& place) const;
    void append_properties(const sqlite::Statement& row, int column, std::int64_t fid, Place& place) const;
    void set_geometry(Place& place, std::span<const std::byte> blob) const;
    std::optional<Timestamp> expiry_of(const sqlite::Statement& row, int column, std::int64_t fid) const;

    sqlite::Database& database_;
    Schema schema_;
    std::string table_;       // as an SQL identifier
    std::string properties_;  // the columns of attributes, and `properties`, as SQL
    sqlite::Statement read_properties_;
};

}  // namespace crowfly
