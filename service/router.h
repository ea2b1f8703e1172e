#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
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

/// By what a route is known.
struct RouteName {
    std::string method = {};
    std::string pattern = {};

    friend auto operator<=>(const RouteName&, const RouteName&) = default;
};

/// Finds what answers a path and method. Patterns are `/collections/{c}/items/{id}`: a name in braces stands
/// for one segment, percent-encoded, that is not empty. Where two patterns fit a path, the one that was added
/// first wins.
template <class Handler>
class Router {
  public:
    struct Found {
        const Handler* handler = nullptr;  ///< null: the path, or the method there, is not known
        std::size_t number = 0;            ///< of the pattern, among `patterns`
        std::string_view pattern = {};     ///< empty: the path is not known
        PathValues values = {};
        std::string allowed = {};  ///< the methods of the path, where the method is not known
    };

    void add(std::string_view method, std::string_view pattern, Handler handler) {
        const auto known = std::find(patterns_.begin(), patterns_.end(), pattern);
        const auto number = static_cast<std::size_t>(known - patterns_.begin());
        if (known == patterns_.end()) patterns_.emplace_back(pattern);
        routes_.push_back({std::string(method), number, std::move(handler)});
    }

    /// All, each once.
    const std::vector<std::string>& patterns() const noexcept { return patterns_; }

    /// All methods and patterns, in the order they were added.
    std::vector<RouteName> names() const {
        std::vector<RouteName> names;
        for (const Route& route : routes_) names.push_back({route.method, patterns_[route.pattern]});
        return names;
    }

    /// HEAD is GET, whose body the connection leaves out. Cost: linear in the routes.
    Found find(std::string_view method, std::string_view path) const {
        if (method == "HEAD") method = "GET";
        Found found;
        for (const Route& route : routes_) {
            auto values = values_of(patterns_[route.pattern], path);
            if (!values) continue;
            found.number = route.pattern;
            found.pattern = patterns_[route.pattern];
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
        std::size_t pattern;  ///< its number
        Handler handler;
    };

    std::vector<std::string> patterns_;
    std::vector<Route> routes_;
};

}  // namespace crowfly
