#include <sys/stat.h>

#include "service/auth/authenticator.h"
#include "service/auth/key_file.h"
#include "service/trace_context.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

/// RFC 7515, appendix A.3, whose example expired in 2011.
constexpr std::string_view kPublicKey =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr std::string_view kNoKeys = R"({"crowfly_keys": 1, "keys": []})";

/// Files in memory are for everybody to write, which keys must not be.
std::string own_path(const crowfly::fuzz::MemoryFile& file) {
    if (::chmod(file.path().c_str(), 0600) != 0) __builtin_trap();
    return file.path();
}

crowfly::Authenticator authenticator() {
    const crowfly::fuzz::MemoryFile keys(kNoKeys);
    const crowfly::fuzz::MemoryFile public_key(kPublicKey);
    return crowfly::Authenticator(
        {.key_file = own_path(keys),
         .jwt = crowfly::JwtOptions{.key_file = public_key.path(), .role_claim = "iss"}});
}

}  // namespace

// Whatever the field is, nobody gets in. The same bytes are a traceparent, and a file of keys.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const crowfly::Authenticator judge = authenticator();
    const std::string_view text = crowfly::fuzz::text(data, size);
    bool is_in = true;
    try {
        judge.authenticate("Bearer " + std::string(text), std::chrono::system_clock::now());
    } catch (const crowfly::Unauthenticated&) {
        is_in = false;
    }
    if (is_in) __builtin_trap();
    if (const auto trace = crowfly::parse_traceparent(text); trace && trace->trace_id.size() != 32)
        __builtin_trap();
    const crowfly::fuzz::MemoryFile file(text);
    try {
        crowfly::read_key_file(own_path(file));
    } catch (const crowfly::Error& error) {
        if (error.code() == crowfly::Code::internal || error.code() == crowfly::Code::io) __builtin_trap();
    }
    try {
        const crowfly::JwtVerifier verifier({.key_file = file.path()});
    } catch (const crowfly::Error& error) {
        if (error.code() == crowfly::Code::internal || error.code() == crowfly::Code::io) __builtin_trap();
    }
    return 0;
}
