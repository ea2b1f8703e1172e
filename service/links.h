#pragma once

#include <string>
#include <string_view>

#include "formats/json_writer.h"
#include "service/http.h"
#include "store/collection.h"

namespace crowfly {

/// Where the client reaches the service, without a slash at the end: by the Host that it asked for, or, when
/// that is none, empty, which makes links relative.
std::string base_url(const HttpRequest& request);

/// Of a collection.
std::string collection_url(const HttpRequest& request, const Collection& collection);

/// The address with the query, if there is one.
std::string with_query(const std::string& url, std::string_view query);

/// The query with that value for the parameter, in place of one that it has.
std::string with_parameter(std::string_view query, std::string_view name, std::string_view value);

/// Appends a link object (RFC 8288 by way of OGC API).
void write_link(JsonWriter& json, std::string_view rel, std::string_view type, std::string_view href,
                std::string_view title = {});

}  // namespace crowfly
