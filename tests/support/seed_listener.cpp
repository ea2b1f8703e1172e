#include <cstdio>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace crowfly::tests {
namespace {

/// Says after each failed test how to repeat it.
class SeedListener final : public testing::EmptyTestEventListener {
    void OnTestEnd(const testing::TestInfo& test) override {
        if (test.result()->Failed()) std::printf("repeat with %s\n", Random::seed_note().c_str());
    }
};

}  // namespace

void print_seed_on_failure() {
    testing::UnitTest::GetInstance()->listeners().Append(new SeedListener);
}

}  // namespace crowfly::tests
