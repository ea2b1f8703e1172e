#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "service/http.h"

namespace crowfly {

/// The media type of a body, in lower case, without its parameters. Throws StatusError (415) for a charset
/// other than UTF-8.
std::string media_type_of(const HttpRequest& request);

/// Throws StatusError (415) that names the types that are taken. `field` is the one of the reply that does so
/// too, such as Accept-Patch.
[[noreturn]] void refuse_media_type(const HttpRequest& request, std::initializer_list<std::string_view> taken,
                                    std::string_view field = "Accept");

/// Throws StatusError (415) for a body that is packed, which is for imports alone; and, as Error(malformed),
/// for one that is so without saying it.
void require_plain_body(const HttpRequest& request);

}  // namespace crowfly
