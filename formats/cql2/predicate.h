#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "formats/cql2/expression.h"
#include "formats/value.h"

namespace crowfly::cql2 {

/// What can be asked of each place, with its type. Nothing else than that can be in a filter.
using Queryable = Attribute;

/// A value of a place. std::monostate is null.
using ValueView = std::variant<std::monostate, bool, std::int64_t, double, std::string_view>;

/// The place that a predicate is asked about.
class RowValues {
  public:
    RowValues() = default;
    RowValues(const RowValues&) = delete;
    RowValues& operator=(const RowValues&) = delete;
    virtual ~RowValues() = default;

    /// The value of a queryable, by its number. A text stays as long as the place is asked about. May throw.
    virtual ValueView value(std::size_t queryable) const = 0;
};

enum class Truth : std::uint8_t { no, unknown, yes };

/// An expression that was judged against the queryables of a collection. Any number of threads may use it.
///
/// Logic has three values, as in SQL: what is compared with null is unknown, and so is what is compared with
/// a value of another type than was declared, which a file may have. Numbers are compared exactly, whichever
/// of them are integers; they are computed with as doubles, and what is no finite number (1 / 0) is null.
/// Texts are compared bytewise. A text that is compared with a DATE or TIMESTAMP is read as one; when it is
/// none, it is null.
class Predicate {
  public:
    /// `costly` are the numbers of queryables whose values take long to get: they are asked for only where
    /// the others do not decide. Throws Error(invalid_argument) that names the property for one that is not
    /// among the queryables, and for operands whose types do not go together.
    Predicate(const Expression& expression, std::span<const Queryable> queryables,
              std::span<const std::size_t> costly = {});
    ~Predicate();
    Predicate(Predicate&&) noexcept;
    Predicate& operator=(Predicate&&) noexcept;

    Truth truth(const RowValues& row) const;

    /// Whether the place passes: what is unknown does not.
    bool passes(const RowValues& row) const { return truth(row) == Truth::yes; }

    /// The numbers of the queryables that it asks for, ascending.
    std::span<const std::size_t> asks_for() const noexcept { return asks_for_; }

    struct Node;

  private:
    std::unique_ptr<const Node> root_;
    std::vector<std::size_t> asks_for_;
};

}  // namespace crowfly::cql2
