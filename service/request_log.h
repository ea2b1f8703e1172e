#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/search/counts.h"
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
    std::size_t queue = 8192;             ///< how many lines may wait to be written
    std::chrono::seconds flush{1};        ///< how long a line may wait in memory
};

class LineSink;

/// One line of JSON for each request, written by a thread of its own. Who calls `write` never waits for the
/// disk: when more lines wait than there is room for, the oldest are lost, and counted.
class RequestLog {
  public:
    /// Throws Error(not_found, permission_denied or io) when the file cannot be opened.
    explicit RequestLog(RequestLogOptions options);
    RequestLog(const RequestLog&) = delete;
    RequestLog& operator=(const RequestLog&) = delete;

    /// Writes what waits.
    ~RequestLog();

    bool is_slow(std::chrono::nanoseconds duration) const noexcept { return duration >= options_.slow; }

    /// May be called from any thread.
    void write(const RequestRecord& record);

    /// Opens the file anew, after another program has renamed it. Throws as the constructor; then the old one
    /// is kept.
    void reopen();

    /// How many lines were not written, because too many waited or the system refused them.
    std::uint64_t lost() const;

  private:
    struct Writer;

    RequestLogOptions options_;
    std::shared_ptr<LineSink> sink_;
    std::unique_ptr<Writer> writer_;
};

/// The line of a record, without its end.
std::string line_of(const RequestRecord& record, bool is_slow);

}  // namespace crowfly
