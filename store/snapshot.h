#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/index/point_index.h"
#include "store/collection.h"

namespace crowfly {

/// Strings of all rows, one after the other.
class TextColumn {
  public:
    void push_back(std::string_view text) {
        text_ += text;
        ends_.push_back(text_.size());
    }
    std::string_view operator[](std::size_t row) const noexcept {
        const std::size_t begin = row == 0 ? 0 : ends_[row - 1];
        return std::string_view(text_).substr(begin, ends_[row] - begin);
    }

  private:
    std::string text_;
    std::vector<std::size_t> ends_;
};

/// What a search needs to know of the rows of a collection, column by column.
class Rows {
  public:
    /// `rowid` is where the store keeps the row.
    void push_back(std::int64_t rowid, std::string_view id, LonLat position, std::string_view name,
                   std::string_view category);

    std::size_t size() const noexcept { return rowids_.size(); }
    std::span<const LonLat> positions() const noexcept { return positions_; }
    std::int64_t rowid(std::size_t row) const noexcept { return rowids_[row]; }
    std::string_view id(std::size_t row) const noexcept { return ids_[row]; }

    /// Id, position, name and category of a row; no other properties.
    Place place(std::size_t row) const;

    /// Rows that are of the category; an absent one lets all rows pass.
    RowFilter of_category(const std::optional<std::string>& category) const;

    std::optional<Extent> extent() const;

  private:
    std::vector<std::int64_t> rowids_;
    TextColumn ids_;
    std::vector<LonLat> positions_;
    TextColumn names_;
    std::vector<std::uint32_t> categories_;  // positions in category_names_
    std::deque<std::string> category_names_;
    std::unordered_map<std::string_view, std::uint32_t> category_numbers_;  // views of category_names_
};

/// One state of a collection: its rows and an index for each metric that is searched. Never changes.
class Snapshot {
  public:
    /// Throws Error when a row's position is outside the domain of a metric.
    Snapshot(Rows rows, std::span<const MetricKind> metrics);
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    const Rows& rows() const noexcept { return rows_; }

    /// As Collection has it, in rows.
    std::vector<Neighbor> nearest(const PlaceQuery& query, std::size_t k, double max_distance) const;
    std::vector<Neighbor> within_distance(const PlaceQuery& query, double max_distance) const;

  private:
    const PointIndex& index_for(MetricKind metric) const;
    RowOrder by_id() const;

    Rows rows_;
    std::vector<PointIndex> indexes_;
};

/// Throws Error(invalid_argument) for a metric that the reference system does not have.
void require_metric_of(Crs crs, MetricKind metric);

}  // namespace crowfly
