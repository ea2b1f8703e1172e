#pragma once

#include <string>
#include <string_view>

#include "service/http.h"
#include "store/collection.h"

namespace crowfly {

/// Where a place of a collection is.
std::string item_url(const HttpRequest& request, const Collection& collection, std::string_view id);

/// Throws Error(not_found).
[[noreturn]] void refuse_unknown_place(const Collection& collection, std::string_view id);

}  // namespace crowfly
