#pragma once

#include <string_view>

#include "formats/cql2/expression.h"

namespace crowfly::cql2 {

/// Reads CQL2 text: the classes Basic CQL2, Advanced Comparison Operators, Case-insensitive and
/// Accent-insensitive Comparison, Property-Property and Arithmetic Expressions. Keywords may be in any case;
/// a property whose name is a keyword, or has other characters than letters, digits, `_`, `:` and `.`, is put
/// in double quotes.
///
/// Throws Error(malformed) that says at which character, counted from 1, what was found and what would be
/// right; for functions, geometries and intervals too, which are not read; and Error(too_large) for a text
/// longer than kLongestFilter. Cost: linear.
Expression parse_text(std::string_view text);

}  // namespace crowfly::cql2
