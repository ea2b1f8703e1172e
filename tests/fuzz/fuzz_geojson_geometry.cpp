#include <optional>
#include <string>

#include "formats/geojson_geometry.h"
#include "tests/fuzz/fuzz_input.h"

// What parses is written so that it parses to an equal geometry.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace crowfly;
    std::optional<Geometry> geometry;
    try {
        geometry = parse_geojson_geometry(fuzz::text(data, size));
    } catch (const Error& error) {
        if (error.code() != Code::malformed && error.code() != Code::too_large) __builtin_trap();
        return 0;
    }
    geometry_fault(*geometry, Crs::wgs84);
    std::string text;
    JsonWriter json(text);
    write_geojson_geometry(*geometry, json);
    if (!(parse_geojson_geometry(text) == *geometry)) __builtin_trap();
    return 0;
}
