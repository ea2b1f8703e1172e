#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace crowfly::bench {

/// How often something took how long, to within 1.6 percent. For one thread; those of several are added up.
class Latencies {
  public:
    void add(std::chrono::nanoseconds time) noexcept {
        const auto value = static_cast<std::uint64_t>(time.count() < 0 ? 0 : time.count());
        ++counts_[bucket_of(value)];
        ++count_;
        greatest_ = value > greatest_ ? value : greatest_;
    }

    void add(const Latencies& other) noexcept {
        for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
        count_ += other.count_;
        greatest_ = other.greatest_ > greatest_ ? other.greatest_ : greatest_;
    }

    std::uint64_t count() const noexcept { return count_; }

    /// Microseconds that this part of all took at most.
    double quantile(double part) const noexcept {
        const auto rank = static_cast<std::uint64_t>(part * static_cast<double>(count_));
        std::uint64_t before = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            before += counts_[i];
            if (before > rank) return static_cast<double>(highest_of(i)) / 1e3;
        }
        return max();
    }

    double max() const noexcept { return static_cast<double>(greatest_) / 1e3; }

  private:
    // Values below 64 have a bucket each; above, each power of two has 64.
    static constexpr unsigned kBits = 6;
    static constexpr std::uint64_t kPerPower = 1U << kBits;

    static std::size_t bucket_of(std::uint64_t value) noexcept {
        if (value < kPerPower) return static_cast<std::size_t>(value);
        const auto shift = static_cast<unsigned>(std::bit_width(value)) - kBits - 1;
        return static_cast<std::size_t>((std::uint64_t{shift} << kBits) + (value >> shift));
    }

    static std::uint64_t highest_of(std::size_t bucket) noexcept {
        if (bucket < kPerPower) return bucket;
        const std::uint64_t shift = (bucket >> kBits) - 1;
        return ((bucket - (shift << kBits) + 1) << shift) - 1;
    }

    std::array<std::uint64_t, (64 - kBits + 1) << kBits> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t greatest_ = 0;
};

}  // namespace crowfly::bench
