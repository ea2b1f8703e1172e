#pragma once

#include "store/embedded/check.h"

namespace crowfly {

/// Judges the rows of a collection and what the file says of them, in one state of the file; sets `places`
/// and `extent` of `found`. Throws Error(corrupt) where reading cannot go on.
void check_rows(const std::string& store, const Schema& schema, const CheckOptions& options,
                CheckedCollection& found, CheckReport& report);

}  // namespace crowfly
