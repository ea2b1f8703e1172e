#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/http.h"

namespace crowfly {

/// Which pages of other origins may use the service from a browser (WHATWG, "Fetch", 3.2); none, unless told.
class Cors {
  public:
    /// Origins as browsers send them, such as https://example.org; `*` stands for all.
    explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

    /// Lets the page that sends the request see the reply, if it may.
    void allow(const HttpRequest& request, HttpResponse& response) const;

    /// The reply to a browser that asks in advance whether a page may send one of these methods; nothing for
    /// a request that is no such question, or when the page may not.
    std::optional<HttpResponse> preflight(const HttpRequest& request, std::string_view methods) const;

  private:
    bool allows(std::string_view origin) const;

    std::vector<std::string> origins_;
};

}  // namespace crowfly
