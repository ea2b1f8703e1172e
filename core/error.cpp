#include "core/error.h"

#include <array>

namespace crowfly {
namespace {

constexpr std::array<CodeInfo, 14> kCodes{{
    {Code::invalid_argument, "invalid_argument", "A value is outside its domain", 422, 64, "22023",
     "ValueError"},
    {Code::malformed, "malformed", "The input does not parse", 400, 65, "22P02", "ValueError"},
    {Code::not_found, "not_found", "Not found", 404, 66, "42704", "LookupError"},
    {Code::conflict, "conflict", "The request contradicts what is stored", 409, 65, "23505", "ValueError"},
    {Code::unsupported, "unsupported", "Not supported", 501, 69, "0A000", "NotImplementedError"},
    {Code::too_large, "too_large", "The input is too large", 413, 65, "54000", "ValueError"},
    {Code::permission_denied, "permission_denied", "Permission denied", 403, 77, "42501", "PermissionError"},
    {Code::busy, "busy", "Busy, try again", 503, 75, "55006", "BlockingIOError"},
    {Code::deadline_exceeded, "deadline_exceeded", "The deadline has passed", 504, 75, "57014",
     "TimeoutError"},
    {Code::cancelled, "cancelled", "Cancelled", 503, 130, "57014", "InterruptedError"},
    {Code::io, "io", "Input or output failed", 500, 74, "58030", "OSError"},
    {Code::corrupt, "corrupt", "Stored data is damaged", 500, 65, "XX001", "OSError"},
    {Code::out_of_memory, "out_of_memory", "Out of memory", 503, 71, "53200", "MemoryError"},
    {Code::internal, "internal", "Internal error", 500, 70, "XX000", "RuntimeError"},
}};

constexpr bool rows_follow_the_enumeration() {
    for (std::size_t i = 0; i < kCodes.size(); ++i) {
        if (static_cast<std::size_t>(kCodes[i].code) != i) return false;
    }
    return static_cast<std::size_t>(Code::internal) + 1 == kCodes.size();
}
static_assert(rows_follow_the_enumeration());

}  // namespace

std::span<const CodeInfo> all_codes() noexcept {
    return kCodes;
}

const CodeInfo& info(Code code) noexcept {
    return kCodes[static_cast<std::size_t>(code)];
}

}  // namespace crowfly
