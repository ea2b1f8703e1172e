#include "service/router.h"

#include <algorithm>

#include "service/query_parameters.h"

namespace crowfly {
namespace {

/// Takes the first segment, and the slash before it, off the path.
std::string_view take_segment(std::string_view& path) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    return segment;
}

}  // namespace

std::optional<PathValues> values_of(std::string_view pattern, std::string_view path) {
    PathValues values;
    while (pattern.starts_with('/') && path.starts_with('/')) {
        const std::string_view wanted = take_segment(pattern);
        const std::string_view segment = take_segment(path);
        if (!wanted.starts_with('{')) {
            if (wanted != segment) return std::nullopt;
            continue;
        }
        auto value = percent_decoded(segment, false);
        if (!value || value->empty()) return std::nullopt;
        values.push_back(std::move(*value));
    }
    if (!pattern.empty() || !path.empty()) return std::nullopt;
    return values;
}

}  // namespace crowfly
