#include "formats/cql2/fold.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <utf8proc.h>

#include "formats/text.h"

namespace crowfly::cql2 {
namespace {

struct Free {
    void operator()(utf8proc_uint8_t* text) const noexcept { std::free(text); }
};

/// Empty when it cannot be mapped.
std::string mapped(std::string_view text, int options) {
    utf8proc_uint8_t* bytes = nullptr;
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &bytes,
                                   static_cast<utf8proc_option_t>(options));
    const std::unique_ptr<utf8proc_uint8_t, Free> owner(bytes);
    if (size < 0) return std::string(text);
    return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

}  // namespace

std::string folded(std::string_view text, Folding folding) {
    const bool is_ascii =
        std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (is_ascii) return folding.letter_case ? lower_case(text) : std::string(text);
    int options = UTF8PROC_STABLE;
    if (folding.letter_case) options |= UTF8PROC_CASEFOLD;
    if (folding.accents) {
        // Marks can be stripped only while they are apart from their letters.
        return mapped(mapped(text, options | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK),
                      UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    }
    return mapped(text, options | UTF8PROC_COMPOSE);
}

}  // namespace crowfly::cql2
