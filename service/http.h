#pragma once

#include <string>
#include <string_view>

namespace crowfly {

/// A request, as the connection hands it to the API. The views live until the reply is made.
struct HttpRequest {
    std::string_view method;
    std::string_view path;  ///< the target without its query
    std::string_view body;
};

struct HttpResponse {
    int status = 200;
    std::string_view content_type = "application/json";
    std::string body = {};
    std::string allow = {};  ///< methods that a 405 names
};

}  // namespace crowfly
