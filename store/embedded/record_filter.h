#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/search/neighbor.h"
#include "formats/cql2/predicate.h"
#include "store/collection.h"
#include "store/embedded/live_rows.h"
#include "store/embedded/place_table.h"

namespace crowfly {

/// Attributes that are in the file alone, row by row.
class ColdValues {
  public:
    /// The table must outlive it.
    ColdValues(PlaceTable& table, std::vector<Attribute> attributes);

    /// Goes to another row. When its place is no longer in the file, all its values are null.
    void go_to(std::int64_t fid, std::string_view id);

    /// The value of the attribute of that number. A text stays until it goes to another row.
    cql2::ValueView value(std::size_t number) const;

    std::uint64_t rows_read() const noexcept { return rows_read_; }

  private:
    std::vector<Attribute> attributes_;
    sqlite::Statement row_;
    bool is_there_ = false;
    std::uint64_t rows_read_ = 0;
};

/// Which rows of one state a category and a filter let pass. Values come from memory: id, name, category and
/// hot attributes; the others are read from the file, for rows that have any there.
class RecordFilter {
  public:
    /// Schema and state must outlive it. Throws as cql2::Predicate.
    RecordFilter(const Schema& schema, std::span<const Attribute> hot, const RowsState& state,
                 const std::optional<std::string>& category, const cql2::Expression* filter);
    ~RecordFilter();
    RecordFilter(const RecordFilter&) = delete;
    RecordFilter& operator=(const RecordFilter&) = delete;

    bool lets_all_pass() const noexcept { return !category_is_given_ && !predicate_; }

    /// Whether it is known without a row: the category is one that no place has.
    bool lets_none_pass() const noexcept { return category_is_given_ && !category_; }

    /// The attributes that it reads from the file, for which `passes` needs to be lent ColdValues.
    const std::vector<Attribute>& cold() const noexcept { return cold_; }
    void lend(ColdValues& values) noexcept;

    bool passes(std::uint32_t row) const;

  private:
    class Values;

    const RowsState& state_;
    bool category_is_given_ = false;
    std::optional<std::uint32_t> category_;  // nothing: no place has it
    std::optional<cql2::Predicate> predicate_;
    std::vector<Attribute> cold_;
    std::unique_ptr<Values> values_;
};

}  // namespace crowfly
