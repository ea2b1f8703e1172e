#include "service/problem.h"

#include <ostream>

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

#include "formats/json_writer.h"

namespace crowfly {
namespace {

constexpr std::string_view kProblemJson = "application/problem+json";

/// A JSON Pointer as a URI fragment (RFC 6901, section 6).
std::string fragment(std::string_view pointer) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    constexpr std::string_view kPlain = "-._~!$&'()*+,;=:@/?";
    std::string result = "#";
    for (const char c : pointer) {
        const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (alphanumeric || kPlain.find(c) != std::string_view::npos) {
            result += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            result += '%';
            result += kHex[byte >> 4U];
            result += kHex[byte & 0xFU];
        }
    }
    return result;
}

HttpResponse problem(int status, std::string_view type, std::string_view title, std::string_view detail,
                     std::span<const RequestFault> faults) {
    HttpResponse response{.status = status, .content_type = kProblemJson};
    JsonWriter json(response.body);
    json.begin_object().key("type").string(type).key("title").string(title).key("status").number(status);
    json.key("detail").string(detail);
    if (!faults.empty()) {
        json.key("errors").begin_array();
        for (const RequestFault& fault : faults) {
            json.begin_object();
            if (fault.line != 0) {
                json.key("line").number(fault.line);
            } else if (!fault.parameter.empty()) {
                json.key("parameter").string(fault.parameter);
            } else {
                json.key("pointer").string(fragment(fault.pointer));
            }
            json.key("detail").string(fault.detail).end_object();
        }
        json.end_array();
    }
    json.end_object();
    return response;
}

std::string summary(std::span<const RequestFault> faults) {
    std::string text;
    for (const RequestFault& fault : faults) {
        if (!text.empty()) text += "; ";
        if (fault.line != 0) {
            text += fmt::format("line {}:", fault.line);
        } else if (!fault.parameter.empty()) {
            text += fault.parameter;
        } else {
            text += fault.pointer.empty() ? "the body" : fault.pointer.substr(1);
        }
        text += " " + fault.detail;
    }
    return text;
}

}  // namespace

InvalidRequest::InvalidRequest(std::vector<RequestFault> faults, Code code)
    : Error(code, summary(faults)), faults_(std::move(faults)) {}

std::string shown(std::string_view text) {
    constexpr std::size_t kShown = 60;
    if (text.size() <= kShown) return std::string(text);
    // Cut between characters, not inside one.
    std::size_t end = kShown;
    while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return std::string(text.substr(0, end)) + "...";
}

std::string pointer_to(std::string_view pointer, std::string_view member) {
    std::string result(pointer);
    result += '/';
    for (const char c : member) {
        if (c == '~') {
            result += "~0";
        } else if (c == '/') {
            result += "~1";
        } else {
            result += c;
        }
    }
    return result;
}

HttpResponse problem_of(const Error& error) {
    if (const auto* refusal = dynamic_cast<const StatusError*>(&error)) {
        HttpResponse response = problem_of_status(refusal->status(), refusal->what());
        response.headers = refusal->headers();
        return response;
    }
    const CodeInfo& code = info(error.code());
    const auto* invalid = dynamic_cast<const InvalidRequest*>(&error);
    return problem(code.http_status, "urn:crowfly:problem:" + std::string(code.name), code.title,
                   error.what(), invalid == nullptr ? std::span<const RequestFault>() : invalid->faults());
}

HttpResponse problem_of_status(int status, std::string_view detail) {
    const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
    return problem(status, "about:blank", {reason.data(), reason.size()}, detail, {});
}

}  // namespace crowfly
