#pragma once

#include <string>
#include <string_view>

#include "service/http.h"

namespace crowfly {

/// How the client is told where a reply's body ends.
enum class Framing {
    length,
    chunks,
    close,  ///< by the end of the connection, to a client of HTTP/1.0
};

/// Appends status line and fields, and the empty line behind them. `version` is that of the request, 10 or
/// 11; one who closes the connection after the reply says so.
void append_reply_header(std::string& out, const HttpResponse& response, Framing framing, bool keep_alive,
                         unsigned version);

/// Appends a piece of a body, which is no chunk when it is empty; or the end of its chunks.
void append_body(std::string& out, std::string_view text, Framing framing);
void append_body_end(std::string& out, Framing framing);

}  // namespace crowfly
