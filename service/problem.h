#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "service/http.h"

namespace crowfly {

/// One thing wrong with a request.
struct RequestFault {
    std::string pointer = {};    ///< JSON Pointer (RFC 6901) to the member at fault; empty for the whole body
    std::string parameter = {};  ///< or the name of the query parameter at fault
    std::string detail = {};     ///< what was found and what would be right
    std::uint64_t line = 0;      ///< of the body, from 1; 0: see the others
};

/// The request is not what the endpoint takes, though it may well parse. Carries all that is wrong with it.
class InvalidRequest : public Error {
  public:
    /// OGC API asks for 400 where a query parameter is at fault; that is what Code::malformed has.
    explicit InvalidRequest(std::vector<RequestFault> faults, Code code = Code::invalid_argument);

    std::span<const RequestFault> faults() const noexcept { return faults_; }

  private:
    std::vector<RequestFault> faults_;
};

/// The request gets a status of HTTP's own, such as 412, that no code stands for.
class StatusError : public Error {
  public:
    using Headers = std::vector<std::pair<std::string_view, std::string>>;

    StatusError(int status, const std::string& detail, Headers headers = {})
        : Error(Code::invalid_argument, detail), status_(status), headers_(std::move(headers)) {}

    int status() const noexcept { return status_; }
    const Headers& headers() const noexcept { return headers_; }

  private:
    int status_;
    Headers headers_;
};

/// `pointer` with one more reference token, escaped.
std::string pointer_to(std::string_view pointer, std::string_view member);

/// Text as a message may quote it: not too much of it.
std::string shown(std::string_view text);

/// A reply with a body of application/problem+json (RFC 9457), with the status that the table of codes has,
/// or that of a StatusError.
HttpResponse problem_of(const Error& error);

/// The same for what HTTP itself defines, such as 404 for a path or 431; title and type are those of the
/// status.
HttpResponse problem_of_status(int status, std::string_view detail);

}  // namespace crowfly
