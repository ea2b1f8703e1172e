#include <simdjson.h>

#include "service/problem.h"
#include "service/search_request.h"
#include "tests/fuzz/fuzz_input.h"

// Whatever the body is, it becomes a legal request, or a problem that is JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const crowfly::SearchRequest request = crowfly::parse_search_request(crowfly::fuzz::text(data, size));
        if (crowfly::coordinate_fault(request.point, crowfly::Crs::wgs84) || request.k < 1 || request.k > 100)
            __builtin_trap();
    } catch (const crowfly::Error& error) {
        const crowfly::HttpResponse response = crowfly::problem_of(error);
        simdjson::dom::parser parser;
        if (response.status >= 500 || parser.parse(response.body).error() != simdjson::SUCCESS)
            __builtin_trap();
    }
    return 0;
}
