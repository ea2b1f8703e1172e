#pragma once

#include "store/embedded/check.h"

namespace crowfly {

/// Opens the collection as for searching, and judges its index by the rows of the file, and by the scan; sets
/// `places_sought` and `points_compared` of `found`.
void check_index(const std::string& store, const Schema& schema, const CheckOptions& options,
                 CheckedCollection& found, CheckReport& report);

}  // namespace crowfly
