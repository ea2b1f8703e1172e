#include "tests/support/seed.h"

#include <cstdlib>

namespace crowfly::tests {

std::uint64_t seed() {
    constexpr std::uint64_t kFixed = 20260911;
    const char* overridden = std::getenv("CROWFLY_TEST_SEED");
    return overridden == nullptr ? kFixed : std::stoull(overridden);
}

std::string Random::seed_note() {
    return "CROWFLY_TEST_SEED=" + std::to_string(seed());
}

}  // namespace crowfly::tests
