#include <optional>

#include "formats/gpkg_geometry.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace crowfly;
    const auto blob = std::as_bytes(std::span(data, size));
    try {
        decode_gpkg_point(blob);
        if (!is_gpkg_point(blob)) __builtin_trap();
    } catch (const Error& error) {
        if (error.code() == Code::internal) __builtin_trap();
    }
    std::optional<Geometry> geometry;
    try {
        geometry = decode_gpkg_geometry(blob);
    } catch (const Error& error) {
        if (error.code() == Code::internal || error.code() == Code::malformed) __builtin_trap();
        return 0;
    }
    const auto once = encode_gpkg_geometry(*geometry, 4326);
    if (encode_gpkg_geometry(decode_gpkg_geometry(once), 4326) != once) __builtin_trap();
    return 0;
}
