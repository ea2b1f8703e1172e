#pragma once

#include <string_view>

#include <simdjson.h>

#include "formats/cql2/expression.h"

namespace crowfly::cql2 {

/// Reads CQL2 JSON, of the same classes as `parse_text`. Throws Error(malformed) that says at which place, as
/// a JSON pointer (RFC 6901), what was found and what would be right, and Error(too_large) for a text longer
/// than kLongestFilter. Cost: linear.
Expression parse_json(std::string_view json);

/// The same for one that is a part of something else, whose size is the caller's to bound.
Expression parse_json(simdjson::dom::element json);

}  // namespace crowfly::cql2
