#pragma once

#include <cstddef>
#include <vector>

#include "formats/cql2/predicate.h"
#include "store/collection.h"

namespace crowfly {

/// Their numbers among the queryables; attributes come after them, in the order of the schema.
inline constexpr std::size_t kIdQueryable = 0;
inline constexpr std::size_t kNameQueryable = 1;
inline constexpr std::size_t kCategoryQueryable = 2;
inline constexpr std::size_t kFirstAttribute = 3;

/// What places of a collection can be filtered by: id, name, category, and the declared attributes. An absent
/// name or category is null.
std::vector<cql2::Queryable> queryables(const Schema& schema);

/// A value as a filter sees it: what is neither a number, nor a text, nor true or false is null.
cql2::ValueView view_of(const Value& value);

/// A text that is null when it is empty.
inline cql2::ValueView text_or_null(std::string_view text) {
    return text.empty() ? cql2::ValueView() : cql2::ValueView(text);
}

/// A whole place that a predicate is asked about. Both must outlive it. Cost: a value costs the number of the
/// place's properties.
class PlaceValues final : public cql2::RowValues {
  public:
    PlaceValues(const Place& place, const Schema& schema) : place_(place), schema_(schema) {}

    cql2::ValueView value(std::size_t queryable) const override;

  private:
    const Place& place_;
    const Schema& schema_;
};

}  // namespace crowfly
