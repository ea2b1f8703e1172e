#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace crowfly::tests {

/// The seed of every random test: CROWFLY_TEST_SEED when set, else a fixed one.
std::uint64_t seed();

/// Makes GoogleTest print the seed after each test that failed.
void print_seed_on_failure();

/// The one source of randomness in tests.
class Random {
  public:
    Random() : engine_(seed()) {}

    double uniform(double low, double high) {
        return std::uniform_real_distribution<double>(low, high)(engine_);
    }

    /// A number in [0, count).
    std::size_t below(std::size_t count) {
        return std::uniform_int_distribution<std::size_t>(0, count - 1)(engine_);
    }
    std::mt19937_64& engine() { return engine_; }

    /// "CROWFLY_TEST_SEED=n", which repeats the run.
    static std::string seed_note();

  private:
    std::mt19937_64 engine_;
};

}  // namespace crowfly::tests
