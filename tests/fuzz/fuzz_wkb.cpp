#include <optional>

#include "formats/wkb.h"
#include "tests/fuzz/fuzz_input.h"

// What parses is written so that it parses to the same again. Compared as bytes, for a position of NaN is not
// equal to itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace crowfly;
    std::optional<Geometry> geometry;
    try {
        geometry = parse_wkb(std::as_bytes(std::span(data, size)));
    } catch (const Error& error) {
        if (error.code() == Code::internal) __builtin_trap();
        return 0;
    }
    geometry_fault(*geometry, Crs::wgs84);
    const auto once = encode_wkb(*geometry);
    if (encode_wkb(parse_wkb(once)) != once) __builtin_trap();
    return 0;
}
