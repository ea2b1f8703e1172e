#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "service/request_handler.h"
#include "store/collection.h"

namespace crowfly {

/// What the service answers, without a socket in sight: parse, validate, run, render. May be called from any
/// number of threads.
///
///     POST /knn/search    the places nearest to a point, as a GeoJSON FeatureCollection, nearest first
///     GET  /collections   the collections, as OGC API - Features has them
///     GET  /healthz       200 while the process is alive
class Api final : public RequestHandler {
  public:
    /// The collections on WGS84 must have been opened with the metric spheroid. Planar ones are listed,
    /// but not searched.
    explicit Api(std::vector<std::unique_ptr<Collection>> collections);

    /// What goes wrong becomes a problem+json; throws only when there is no memory even for that.
    HttpResponse handle(const HttpRequest& request) const;

    Admission admit(const HttpRequest& request) override;
    std::optional<HttpResponse> handle(const HttpRequest& request, const Later& later) override;

  private:
    using Handler = HttpResponse (Api::*)(const HttpRequest&) const;
    struct Route {
        std::string_view method;
        std::string_view path;
        Handler handler;
    };
    static const std::vector<Route>& routes();

    HttpResponse dispatch(const HttpRequest& request) const;
    HttpResponse search(const HttpRequest& request) const;
    HttpResponse list_collections(const HttpRequest& request) const;
    HttpResponse health(const HttpRequest& request) const;
    const Collection& collection_for(const std::optional<std::string>& name) const;

    std::vector<std::unique_ptr<Collection>> collections_;
};

}  // namespace crowfly
