#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    crowfly::fuzz::read_all(crowfly::fuzz::text(data, size), crowfly::PlaceFormat::geojson);
    return 0;
}
