#include <string>

#include "core/geometry/geometry.h"
#include "formats/wkt.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

std::string written(const crowfly::Geometry& geometry) {
    std::string text;
    crowfly::write_wkt(geometry, text);
    return text;
}

}  // namespace

// What parses is written so that it parses to the same again; points are points to both parsers.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace crowfly;
    const std::string_view text = fuzz::text(data, size);
    bool is_point = false;
    try {
        parse_wkt_point(text);
        is_point = true;
    } catch (const Error& error) {
        if (error.code() == Code::internal) __builtin_trap();
    }
    try {
        const Geometry geometry = parse_wkt(text);
        if (is_point != (geometry.type() == GeometryType::point && !geometry.is_empty())) __builtin_trap();
        geometry_fault(geometry, Crs::wgs84);
        const std::string once = written(geometry);
        // Compared as text, for a position of NaN is not equal to itself.
        if (written(parse_wkt(once)) != once) __builtin_trap();
    } catch (const Error& error) {
        if (is_point || error.code() == Code::internal) __builtin_trap();
    }
    return 0;
}
