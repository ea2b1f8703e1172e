#include "formats/wkt.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        crowfly::parse_wkt_point(crowfly::fuzz::text(data, size));
    } catch (const crowfly::Error&) {
        return 0;
    }
    return 0;
}
