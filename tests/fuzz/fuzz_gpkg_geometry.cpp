#include "formats/gpkg_geometry.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        crowfly::decode_gpkg_point(std::as_bytes(std::span(data, size)));
    } catch (const crowfly::Error&) {
        return 0;
    }
    return 0;
}
