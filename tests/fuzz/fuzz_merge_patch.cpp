#include <algorithm>

#include <simdjson.h>

#include "service/merge_patch.h"
#include "service/problem.h"
#include "tests/fuzz/fuzz_input.h"

// The first line is a document, the rest a patch. What comes out is JSON, and the same when the patch comes
// again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = crowfly::fuzz::text(data, size);
    const std::size_t end = std::min(input.find('\n'), input.size());
    const std::string_view document = input.substr(0, end);
    const std::string_view patch = input.substr(std::min(end + 1, input.size()));
    simdjson::dom::parser parser;
    if (parser.parse(document.data(), document.size()).error() != simdjson::SUCCESS) return 0;
    try {
        const std::string once = crowfly::merge_patch(document, patch);
        if (parser.parse(once).error() != simdjson::SUCCESS) __builtin_trap();
        if (crowfly::merge_patch(once, patch) != once) __builtin_trap();
    } catch (const crowfly::Error& error) {
        const crowfly::HttpResponse response = crowfly::problem_of(error);
        if (response.status >= 500 || parser.parse(response.body).error() != simdjson::SUCCESS)
            __builtin_trap();
    }
    return 0;
}
