#include "service/reply_text.h"

#include <charconv>

#include <boost/beast/http/status.hpp>

namespace crowfly {
namespace {

void append_number(std::string& out, std::size_t number, int base = 10) {
    char digits[20];
    out.append(digits, std::to_chars(digits, digits + sizeof(digits), number, base).ptr);
}

}  // namespace

void append_reply_header(std::string& out, const HttpResponse& response, Framing framing, bool keep_alive,
                         unsigned version) {
    namespace http = boost::beast::http;
    const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(response.status));
    out += ' ';
    out.append(reason.data(), reason.size());
    if (!response.content_type.empty()) {
        out += "\r\nContent-Type: ";
        out += response.content_type;
        out += "\r\nX-Content-Type-Options: nosniff";
    }
    if (framing == Framing::chunks) {
        out += "\r\nTransfer-Encoding: chunked";
    } else if (framing == Framing::length && response.status != 204 && response.status != 304) {
        out += "\r\nContent-Length: ";
        append_number(out, response.body.size());
    }
    for (const auto& [name, value] : response.headers) {
        out += "\r\n";
        out += name;
        out += ": ";
        out += value;
    }
    if (!keep_alive) {
        out += "\r\nConnection: close";
    } else if (version == 10) {
        out += "\r\nConnection: keep-alive";
    }
    out += "\r\n\r\n";
}

void append_body(std::string& out, std::string_view text, Framing framing) {
    if (framing != Framing::chunks) {
        out += text;
        return;
    }
    if (text.empty()) return;
    append_number(out, text.size(), 16);
    out += "\r\n";
    out += text;
    out += "\r\n";
}

void append_body_end(std::string& out, Framing framing) {
    if (framing == Framing::chunks) out += "0\r\n\r\n";
}

}  // namespace crowfly
