#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "store/collection.h"
#include "store/embedded/sqlite.h"

namespace crowfly {

/// The statements that change a collection's table. Part of the caller's transaction.
class PlaceWriter {
  public:
    PlaceWriter(sqlite::Database& database, const Schema& schema);

    /// The fid of the place with this id.
    std::optional<std::int64_t> find(std::string_view id);

    /// Returns the new fid.
    std::int64_t insert(const Place& place);
    void update(std::int64_t fid, const Place& place);

    /// Returns whether the place was there.
    bool erase(std::string_view id);

  private:
    int bind(sqlite::Statement& statement, int parameter, const Place& place) const;

    sqlite::Database& database_;
    const Schema& schema_;
    sqlite::Statement find_;
    sqlite::Statement insert_;
    sqlite::Statement update_;
    sqlite::Statement erase_;
};

}  // namespace crowfly
