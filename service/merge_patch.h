#pragma once

#include <string>
#include <string_view>

namespace crowfly {

/// A JSON document as a merge patch (RFC 7396) changes it. Throws Error(malformed) for a patch that is not
/// JSON, and InvalidRequest for one in which a member appears twice. Objects that are patched have their
/// members in another order then.
std::string merge_patch(std::string_view document, std::string_view patch);

/// Whether a patch is an object with that member.
bool patches(std::string_view patch, std::string_view member);

}  // namespace crowfly
