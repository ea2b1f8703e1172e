#include "service/content_type.h"

#include <fmt/format.h>

#include "formats/text.h"
#include "service/problem.h"

namespace crowfly {
namespace {

/// The value of a parameter of the field, without quotes; empty when there is none.
std::string_view parameter_of(std::string_view field, std::string_view wanted) {
    while (!field.empty()) {
        const std::string_view parameter = trimmed(field.substr(0, field.find(';')));
        field.remove_prefix(std::min(field.find(';'), field.size() - 1) + 1);
        const std::size_t equals = parameter.find('=');
        if (equals == std::string_view::npos || !equal_ignoring_case(parameter.substr(0, equals), wanted))
            continue;
        std::string_view value = parameter.substr(equals + 1);
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        return value;
    }
    return {};
}

}  // namespace

std::string media_type_of(const HttpRequest& request) {
    const std::string_view field = request.header("Content-Type");
    const std::string_view charset = parameter_of(field, "charset");
    if (!charset.empty() && !equal_ignoring_case(charset, "utf-8") &&
        !equal_ignoring_case(charset, "us-ascii")) {
        throw StatusError(415, fmt::format("the charset {} is not taken; expected UTF-8", shown(charset)));
    }
    return lower_case(trimmed(field.substr(0, field.find(';'))));
}

void refuse_media_type(const HttpRequest& request, std::initializer_list<std::string_view> taken,
                       std::string_view field) {
    const std::string_view type = request.header("Content-Type");
    throw StatusError(415,
                      fmt::format("{}; expected one of {}",
                                  type.empty() ? "there is no Content-Type"
                                               : fmt::format("Content-Type {} is not taken", shown(type)),
                                  fmt::join(taken, ", ")),
                      {{field, fmt::format("{}", fmt::join(taken, ", "))}});
}

void require_plain_body(const HttpRequest& request) {
    const std::string_view encoding = request.header("Content-Encoding");
    if (!encoding.empty() && !equal_ignoring_case(encoding, "identity")) {
        throw StatusError(
            415, fmt::format("Content-Encoding {} is not taken here; an import takes gzip", shown(encoding)),
            {{"Accept-Encoding", "identity"}});
    }
    if (request.body.starts_with("\x1f\x8b"))
        throw Error(Code::malformed, "the body is packed by gzip; an import takes that");
}

}  // namespace crowfly
