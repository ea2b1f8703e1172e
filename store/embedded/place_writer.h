#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/collection.h"
#include "store/embedded/sqlite.h"

namespace crowfly {

/// The statements that change a collection's table. Part of the caller's transaction.
class PlaceWriter {
  public:
    /// `has_expiry`: whether the table has the column for it; without one no place can expire.
    PlaceWriter(sqlite::Database& database, const Schema& schema, bool has_expiry);

    bool has_expiry() const noexcept { return has_expiry_; }

    /// Returns the new fid. Throws Error(conflict) when the id is there, or when a trigger of another program
    /// has kept the row out.
    std::int64_t insert(const Place& place, std::optional<Timestamp> expires_at);

    // These return whether the row was there.

    /// All but the id, which stays: SQLite would write the index of ids anew, whatever it is set to.
    bool update(std::int64_t fid, const Place& place, std::optional<Timestamp> expires_at);

    /// Sets the geometry alone, or that and the time.
    bool move(std::int64_t fid, LonLat position);
    bool move(std::int64_t fid, LonLat position, Timestamp expires_at);

    bool erase(std::int64_t fid);

  private:
    bool run(sqlite::Statement& statement);
    int bind(sqlite::Statement& statement, int parameter, const Place& place,
             std::optional<Timestamp> expires_at);
    void bind_attributes(sqlite::Statement& statement, int& parameter, const Place& place);

    sqlite::Database& database_;
    const Schema& schema_;
    std::int32_t srs_id_;
    bool has_expiry_;
    sqlite::Statement insert_;
    sqlite::Statement update_;
    sqlite::Statement move_;
    std::optional<sqlite::Statement> move_and_expire_;
    sqlite::Statement erase_;
    std::vector<std::byte> geometry_;  // what a statement has been lent
    std::string properties_;
};

}  // namespace crowfly
