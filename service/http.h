#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>
#include <boost/beast/http/fields.hpp>

namespace crowfly {

class BodyStream;
class Upload;

/// What who answers keeps with a request, from its admission to its reply.
struct RequestNotes {
    RequestNotes() = default;
    RequestNotes(const RequestNotes&) = delete;
    RequestNotes& operator=(const RequestNotes&) = delete;
    virtual ~RequestNotes() = default;
};

/// A request, as the connection hands it to its handler. The views live until the reply is made.
struct HttpRequest {
    std::string_view method = {};
    std::string_view path = {};   ///< of the target, as it came
    std::string_view query = {};  ///< of the target, behind the `?`, as it came
    std::string_view body = {};   ///< empty when it was taken by `upload`
    boost::asio::ip::address peer = {};

    /// Its header; null when there is none.
    const boost::beast::http::fields* fields = nullptr;

    /// What has taken the body, when `RequestHandler::admit` gave something to take it.
    std::shared_ptr<Upload> upload = {};

    /// What `RequestHandler::admit` has left with it.
    std::shared_ptr<RequestNotes> notes = {};

    /// The field of that name, in any case, or empty when there is none; of several the first.
    std::string_view header(std::string_view name) const {
        if (fields == nullptr) return {};
        const auto field = fields->find(boost::beast::string_view(name.data(), name.size()));
        if (field == fields->end()) return {};
        return {field->value().data(), field->value().size()};
    }
};

struct HttpResponse {
    int status = 200;
    std::string_view content_type = "application/json";  ///< empty: there is none, as with 204 and 304
    std::string body = {};

    /// Further fields; neither names nor values may hold line breaks.
    std::vector<std::pair<std::string_view, std::string>> headers = {};

    /// What follows the body as it comes to be; the length is then not told in advance.
    std::shared_ptr<BodyStream> stream = {};

    /// Writes such a stream; see Endpoint.
    using Produce = std::function<void(BodyStream&)>;
    Produce produce = {};
};

}  // namespace crowfly
