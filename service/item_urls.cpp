#include "service/item_urls.h"

#include <fmt/format.h>

#include "service/links.h"
#include "service/query_parameters.h"

namespace crowfly {

std::string item_url(const HttpRequest& request, const Collection& collection, std::string_view id) {
    return collection_url(request, collection) + "/items/" + percent_encoded(id);
}

void refuse_unknown_place(const Collection& collection, std::string_view id) {
    throw Error(Code::not_found,
                fmt::format("\"{}\" has no place \"{}\"", collection.schema().name, shown(id)));
}

}  // namespace crowfly
