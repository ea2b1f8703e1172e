#include "service/openapi_endpoint.h"

#include "service/media_types.h"
#include "service/openapi_document.h"
#include "service/query_parameters.h"

namespace crowfly {

void add_openapi_endpoint(ApiRouter& router) {
    constexpr const char* kPath = "/openapi.json";
    std::vector<RouteName> routes = router.names();
    routes.push_back({"GET", kPath});
    router.add("GET", kPath, {.answer = [document = openapi_document(routes)](const Call& call) {
                   require_no_parameters(call.request.query);
                   return HttpResponse{.content_type = media_type::kOpenApi, .body = document};
               }});
}

}  // namespace crowfly
