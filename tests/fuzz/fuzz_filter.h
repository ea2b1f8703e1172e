#pragma once

#include <vector>

#include "formats/cql2/predicate.h"
#include "tests/fuzz/fuzz_input.h"

namespace crowfly::fuzz {

class FilteredRow final : public cql2::RowValues {
  public:
    explicit FilteredRow(bool has_values) : has_values_(has_values) {}

    cql2::ValueView value(std::size_t queryable) const override {
        if (!has_values_) return {};
        const cql2::ValueView values[] = {"Zürich", std::int64_t{7}, 2.5, true, "2024-02-29"};
        return values[queryable];
    }

  private:
    bool has_values_;
};

/// Asks a place with values and one without whether they pass, if the expression is about such places.
inline void ask(const cql2::Expression& expression) {
    const std::vector<cql2::Queryable> queryables{{"a", AttributeType::text},
                                                  {"n", AttributeType::integer},
                                                  {"r", AttributeType::real},
                                                  {"b", AttributeType::boolean},
                                                  {"d", AttributeType::text}};
    try {
        const cql2::Predicate predicate(expression, queryables);
        predicate.passes(FilteredRow(true));
        predicate.passes(FilteredRow(false));
    } catch (const Error& error) {
        if (error.code() != Code::invalid_argument) __builtin_trap();
    }
}

}  // namespace crowfly::fuzz
