#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/search/counts.h"
#include "service/http.h"
#include "service/metrics.h"
#include "service/request_log.h"

namespace crowfly {

/// What an endpoint tells the log and the metrics of a request.
struct CallNotes {
    std::optional<std::uint64_t> k = {};         ///< how many neighbors were asked for
    std::optional<std::uint64_t> returned = {};  ///< how many there were
    std::optional<SearchCounts> counts = {};
    std::optional<std::uint64_t> changes = {};  ///< how many places were written
    bool unknown_crs = false;                   ///< it named a reference system that is not known
};

/// All that is known of a request that was replied to.
struct WatchedRequest {
    const HttpRequest& request;
    const HttpResponse& response;
    std::chrono::nanoseconds took;
    std::size_t route = 0;  ///< its number
    std::string_view pattern = {};
    std::string_view collection = {};
    std::string_view key = {};  ///< the principal's id
    std::optional<Code> fault = {};
    std::optional<Refusal> refusal = {};
    CallNotes notes = {};
};

/// Counts a request, and writes its line into the log, if there is one.
void watch(const WatchedRequest& watched, Metrics& metrics, RequestLog* log);

}  // namespace crowfly
