#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/search/counts.h"
#include "service/line_writer.h"
#include "service/trace_context.h"

namespace crowfly {

/// What the log keeps of a request. Nothing of it may be a secret: neither the key, nor the query string, nor
/// the body belongs here. The views need to live only during `RequestLog::write`.
struct RequestRecord {
    std::chrono::system_clock::time_point time;  ///< when its first byte came
    std::string_view method;
    std::string_view route;  ///< the path's template, such as /collections/{c}/items
    int status = 0;
    std::chrono::nanoseconds duration{0};
    std::uint64_t bytes_in = 0;   ///< of the body
    std::uint64_t bytes_out = 0;  ///< of the body
    std::string_view collection = {};
    std::optional<std::uint64_t> k = {};         ///< how many neighbors were asked for
    std::optional<std::uint64_t> returned = {};  ///< how many there were
    std::string_view key = {};                   ///< the principal's id
    std::string_view peer = {};                  ///< the address that it came from
    std::string_view fault = {};                 ///< name of the code when it failed
    std::optional<TraceContext> trace = {};
    std::optional<SearchCounts> counts = {};  ///< written when the request was slow
};

struct RequestLogOptions {
    std::string path = "-";               ///< a file, which is appended to; "-": standard output
    bool only_slow = false;               ///< leaves out what was quick and did not fail with 5xx
    std::chrono::milliseconds slow{200};  ///< from how long on a request counts as slow
    std::size_t most_bytes = 4U << 20U;   ///< of lines that may wait to be written
};

/// One line of JSON for each request, written by a thread of its own: see LineWriter. May be used by any
/// number of threads.
class RequestLog {
  public:
    /// Throws Error(not_found, permission_denied or io) when the file cannot be opened.
    explicit RequestLog(const RequestLogOptions& options)
        : only_slow_(options.only_slow),
          slow_(options.slow),
          lines_({.path = options.path, .most_bytes = options.most_bytes}) {}

    bool is_slow(std::chrono::nanoseconds duration) const noexcept { return duration >= slow_; }

    void write(const RequestRecord& record);

    /// See LineWriter.
    void reopen() { lines_.reopen(); }
    std::uint64_t lost() const noexcept { return lines_.lost(); }

  private:
    bool only_slow_;
    std::chrono::milliseconds slow_;
    LineWriter lines_;
};

/// The line of a record, without its end.
std::string line_of(const RequestRecord& record, bool is_slow);

}  // namespace crowfly
