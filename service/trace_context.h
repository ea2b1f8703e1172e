#pragma once

#include <optional>
#include <string_view>

namespace crowfly {

/// What the traceparent field says, as views into its value: the trace that a request belongs to, and the
/// step of it that sent the request.
struct TraceContext {
    std::string_view trace_id;   ///< 32 hexadecimal digits in lower case
    std::string_view parent_id;  ///< 16 of them
    bool sampled = false;
};

/// Reads a traceparent of version 00, and of later versions what they have in common with it (W3C Trace
/// Context, 3.2 and 4). Nothing for what is none: the field is then passed over.
std::optional<TraceContext> parse_traceparent(std::string_view value) noexcept;

}  // namespace crowfly
