#pragma once

#include <string>

#include "formats/cql2/expression.h"
#include "formats/json_writer.h"

namespace crowfly::cql2 {

/// Writes what `parse_json` reads as the same expression.
void write_json(JsonWriter& json, const Expression& expression);
std::string to_json(const Expression& expression);

/// The same for `parse_text`. Throws Error(unsupported) for a text with a backslash before a quote or at its
/// end, which CQL2 text has no way to say.
std::string to_text(const Expression& expression);

}  // namespace crowfly::cql2
