#pragma once

#include <string_view>
#include <vector>

#include "cli/load_side.h"
#include "core/join/join.h"
#include "formats/join_text.h"

namespace crowfly {

/// What the rows of a join's answer stand for.
class JoinAnswer {
  public:
    /// The sides must outlive it. `by_category` says that the k were chosen within each category.
    JoinAnswer(const LoadedSide& queries, const LoadedSide& objects, MetricKind metric, Match match,
               bool by_category);

    std::string_view query_id(const JoinRow& row) const noexcept { return queries_.ids[row.query]; }
    std::string_view object_id(const JoinRow& row) const noexcept { return objects_.ids[row.object]; }

    /// Whether the k were chosen within each category, and which one the row's object is of.
    bool by_category() const noexcept { return by_category_; }
    std::string_view category(const JoinRow& row) const noexcept {
        return objects_.category_names[objects_.categories[row.object]];
    }

    MetricKind metric() const noexcept { return metric_; }

    /// As it is written; of a row without an object, the category is empty.
    JoinText text(const JoinRow& row) const;

    /// Where the distance of a row with an object is. Cost: for shapes the product of their pieces.
    JoinLine line(const JoinRow& row) const;

  private:
    const LoadedSide& queries_;
    const LoadedSide& objects_;
    MetricKind metric_;
    bool by_category_;
    bool nearest_points_;                           // whether shapes are measured as they are
    std::vector<LonLat> query_ends_, object_ends_;  // centroids; empty when the positions do
};

}  // namespace crowfly
