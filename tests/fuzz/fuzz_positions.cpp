#include <simdjson.h>

#include "service/position_body.h"
#include "service/problem.h"
#include "tests/fuzz/fuzz_input.h"

// Whatever the body is, it becomes moves that a collection takes, or a problem that is JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using crowfly::JsonRecords;
    for (const JsonRecords records : {JsonRecords::lines, JsonRecords::array}) {
        try {
            for (const crowfly::Move& move :
                 crowfly::read_positions(crowfly::fuzz::text(data, size), records, crowfly::Crs::wgs84)) {
                if (move.id.empty() || crowfly::coordinate_fault(move.position, crowfly::Crs::wgs84) ||
                    (move.ttl && move.ttl->count() < 1)) {
                    __builtin_trap();
                }
            }
        } catch (const crowfly::Error& error) {
            const crowfly::HttpResponse response = crowfly::problem_of(error);
            simdjson::dom::parser parser;
            if (response.status >= 500 || parser.parse(response.body).error() != simdjson::SUCCESS)
                __builtin_trap();
        }
    }
    return 0;
}
