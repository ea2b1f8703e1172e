#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/http.h"

namespace crowfly {

/// What a path has in the places of a pattern's names, decoded, in their order.
using PathValues = std::vector<std::string>;

/// What the path has in the places of the pattern's names; nothing when it does not fit.
std::optional<PathValues> values_of(std::string_view pattern, std::string_view path);

/// Finds what answers a path and method. Patterns are `/collections/{c}/items/{id}`: a name in braces stands
/// for one segment, percent-encoded, that is not empty. Where two patterns fit a path, the one that was added
/// first wins.
template <class Handler>
class Router {
  public:
    struct Found {
        const Handler* handler = nullptr;  ///< null: the path, or the method there, is not known
        std::string_view pattern = {};     ///< empty: the path is not known
        PathValues values = {};
        std::string allowed = {};  ///< the methods of the path, where the method is not known
    };

    void add(std::string_view method, std::string_view pattern, Handler handler) {
        routes_.push_back({std::string(method), std::string(pattern), std::move(handler)});
    }

    /// HEAD is GET, whose body the connection leaves out. Cost: linear in the routes.
    Found find(std::string_view method, std::string_view path) const {
        if (method == "HEAD") method = "GET";
        Found found;
        for (const Route& route : routes_) {
            auto values = values_of(route.pattern, path);
            if (!values) continue;
            found.pattern = route.pattern;
            if (route.method == method) {
                found.handler = &route.handler;
                found.values = std::move(*values);
                return found;
            }
            found.allowed += (found.allowed.empty() ? "" : ", ") + route.method;
            if (route.method == "GET") found.allowed += ", HEAD";
        }
        return found;
    }

  private:
    struct Route {
        std::string method;
        std::string pattern;
        Handler handler;
    };

    std::vector<Route> routes_;
};

}  // namespace crowfly
