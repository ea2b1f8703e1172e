#include <gtest/gtest.h>

#include "tests/support/seed.h"

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    crowfly::tests::print_seed_on_failure();
    return RUN_ALL_TESTS();
}
