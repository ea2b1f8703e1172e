#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/live/live_row.h"
#include "store/collection.h"
#include "store/embedded/category_names.h"
#include "store/embedded/row_columns.h"

namespace crowfly {

/// What the file says of a place besides the place itself.
struct RowFacts {
    std::int64_t fid = 0;
    bool has_more = false;  ///< whether there are properties other than those of hot attributes
    std::optional<Timestamp> expires_at = {};
};

/// Whether only the file has all properties of the place: there are others than those of hot attributes.
bool has_more_properties(const Place& place, const Schema& schema, std::span<const Attribute> hot);

/// A place from the file, without properties but those of hot attributes.
struct StoredRow {
    RowFacts facts = {};
    Place place = {};
};

/// All places of a collection on their way from the file to memory.
struct LoadedRows {
    explicit LoadedRows(std::vector<Attribute> hot_attributes) : hot(std::move(hot_attributes)) {}

    /// Returns the number of the row.
    std::uint32_t add(const Place& place, const RowFacts& facts);
    std::uint32_t add(const StoredRow& row) { return add(row.place, row.facts); }

    std::vector<Attribute> hot;
    std::unique_ptr<RowColumns> columns = std::make_unique<RowColumns>();
    std::unique_ptr<CategoryNames> categories = std::make_unique<CategoryNames>();
    std::vector<std::uint32_t> rows = {};
    std::vector<LonLat> positions = {};
    std::vector<std::shared_ptr<const Geometry>> shapes = {};  ///< empty, or up to the last row that has one
    std::vector<std::pair<std::uint32_t, Timestamp>> expiries = {};
    std::optional<Extent> extent = {};

    /// Indexes of these points that are there already; empty: none.
    std::optional<LiveBase> base = {};

  private:
    std::string record_;
};

}  // namespace crowfly
