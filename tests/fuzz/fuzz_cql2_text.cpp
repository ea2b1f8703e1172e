#include "formats/cql2/predicate.h"
#include "formats/cql2/text_parser.h"
#include "formats/cql2/writer.h"
#include "tests/fuzz/fuzz_filter.h"

// What parses is written so that it parses to the same again, unless CQL2 text has no way to say it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace crowfly;
    try {
        const cql2::Expression expression = cql2::parse_text(fuzz::text(data, size));
        fuzz::ask(expression);
        if (cql2::parse_text(cql2::to_text(expression)) != expression) __builtin_trap();
    } catch (const Error& error) {
        if (error.code() == Code::internal) __builtin_trap();
    }
    return 0;
}
