#pragma once

#include "formats/json_writer.h"
#include "service/api.h"
#include "store/collection.h"

namespace crowfly {

/// Writes the member `explain` of an object that is open: what a search has done.
void write_explain(JsonWriter& json, const SearchReport& report, Method method);

/// Tells the log and the metrics of a search.
void note_search(CallNotes& notes, std::size_t k, std::size_t returned, const SearchReport& report);

}  // namespace crowfly
