#include "service/openapi_endpoint.h"

#include "service/media_types.h"
#include "service/openapi_document.h"
#include "service/query_parameters.h"

namespace crowfly {
namespace {

/// Clients that do not know OpenAPI 3.1 by its name, such as GDAL, take the document as JSON.
std::string_view type_for(const HttpRequest& request) {
    const std::string_view accept = request.header("Accept");
    const bool knows = accept.find("version=3.1") != std::string_view::npos;
    const bool takes_json = accept.find(media_type::kJson) != std::string_view::npos;
    return takes_json && !knows ? media_type::kJson : media_type::kOpenApi;
}

}  // namespace

void add_openapi_endpoint(ApiRouter& router) {
    constexpr const char* kPath = "/openapi.json";
    std::vector<RouteName> routes = router.names();
    routes.push_back({"GET", kPath});
    router.add("GET", kPath, {.answer = [document = openapi_document(routes)](const Call& call) {
                   require_no_parameters(call.request.query);
                   return HttpResponse{.content_type = type_for(call.request),
                                       .body = document,
                                       .headers = {{"Vary", "Accept"}}};
               }});
}

}  // namespace crowfly
