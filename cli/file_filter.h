#pragma once

#include <vector>

#include "formats/cql2/expression.h"
#include "formats/place.h"

namespace crowfly {

/// The places of a file of which a filter is true. A file does not say what types its properties have, so a
/// property that the filter asks for is of the first of boolean, integer, real and text that all its values
/// can be read as. All places are read before the first is judged. The places themselves stay as the file has
/// them. Throws Error(invalid_argument) as cql2::Predicate, for a property that no place has too.
std::vector<Place> filtered(PlaceSource& places, const cql2::Expression& filter);

}  // namespace crowfly
