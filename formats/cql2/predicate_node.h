#pragma once

#include <optional>
#include <vector>

#include "formats/cql2/fold.h"
#include "formats/cql2/like_pattern.h"
#include "formats/cql2/predicate.h"

namespace crowfly::cql2 {

/// An expression as it is evaluated: properties as numbers, patterns ready, foldings of literals done.
struct Predicate::Node {
    Op op = Op::literal;
    Literal literal = false;
    std::size_t queryable = 0;
    std::optional<Instant::Kind> read_as = {};  ///< of a property: texts are instants of this kind
    Folding folding = {};                       ///< of Op::casei and Op::accenti
    LikePattern pattern = {};                   ///< of Op::like
    std::vector<Node> args = {};
};

/// Throws as Predicate does.
Predicate::Node judged(const Expression& expression, std::span<const Queryable> queryables,
                       std::span<const std::size_t> costly);

}  // namespace crowfly::cql2
