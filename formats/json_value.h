#pragma once

#include <string_view>
#include <vector>

#include <simdjson.h>

#include "formats/place.h"

namespace crowfly {

/// A JSON value as a property's value. An integer beyond 64 bits signed keeps its digits, as Json.
Value json_value(simdjson::dom::element element);

/// "an array", "a number" and so on, for messages.
std::string_view json_type(simdjson::dom::element element);

/// Appends the members of a JSON object. Throws Error(corrupt) for text that is none.
void append_json_object(std::string_view text, std::vector<Property>& properties);

}  // namespace crowfly
