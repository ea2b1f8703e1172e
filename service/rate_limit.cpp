#include "service/rate_limit.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

#include <fmt/format.h>
#include <xxhash.h>

#include "core/error.h"

namespace crowfly {
namespace {

// Above, a token would last less than a nanosecond, or a bucket fill for longer than a clock counts.
constexpr double kMostPerSecond = 1e9;
constexpr double kLongestFill_s = 1e8;

std::uint64_t random_seed() {
    std::random_device entropy;
    return std::uint64_t{entropy()} << 32U | entropy();
}

}  // namespace

RateLimit::RateLimit(Rate rate, std::size_t subjects)
    : seed_(random_seed()),
      sets_(std::bit_ceil(
          std::max<std::size_t>(subjects / (kShards * std::tuple_size_v<decltype(Set::buckets)>), 1))) {
    const bool is_legal = rate.per_second > 0 && rate.per_second <= kMostPerSecond && rate.burst >= 1 &&
                          rate.burst / rate.per_second <= kLongestFill_s;
    if (!is_legal) {
        throw Error(
            Code::invalid_argument,
            fmt::format(
                "a rate of {} a second with a burst of {}: expected a rate above 0 and a burst of 1 or more",
                rate.per_second, rate.burst));
    }
    token_ns_ = std::llround(1e9 / rate.per_second);
    burst_ns_ = std::llround((rate.burst - 1) * 1e9 / rate.per_second);
    for (Shard& shard : shards_) shard.sets.resize(sets_);
}

RateLimit::Bucket& RateLimit::bucket_of(std::uint64_t subject, Set& set) {
    const auto same = std::find_if(set.buckets.begin(), set.buckets.end(),
                                   [&](const Bucket& bucket) { return bucket.subject == subject; });
    if (same != set.buckets.end()) return *same;
    Bucket& fullest =
        *std::min_element(set.buckets.begin(), set.buckets.end(),
                          [](const Bucket& a, const Bucket& b) { return a.full_at_ns < b.full_at_ns; });
    fullest = {.subject = subject};
    return fullest;
}

std::chrono::nanoseconds RateLimit::take(std::string_view subject, Clock::time_point now) {
    const std::uint64_t hash = XXH3_64bits_withSeed(subject.data(), subject.size(), seed_);
    const std::int64_t now_ns = std::chrono::nanoseconds(now.time_since_epoch()).count();
    Shard& shard = shards_[hash % kShards];
    const std::lock_guard lock(shard.mutex);
    Bucket& bucket = bucket_of(hash, shard.sets[hash / kShards % sets_]);
    const std::int64_t full_at_ns = std::max(bucket.full_at_ns, now_ns);
    const std::int64_t missing_ns = full_at_ns - now_ns - burst_ns_;
    if (missing_ns > 0) return std::chrono::nanoseconds(missing_ns);
    bucket.full_at_ns = full_at_ns + token_ns_;
    return std::chrono::nanoseconds(0);
}

std::string rate_subject(const boost::asio::ip::address& address) {
    if (address.is_v4() || address.to_v6().is_v4_mapped()) {
        const auto v4 = address.is_v4()
                            ? address.to_v4()
                            : boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
        const auto bytes = v4.to_bytes();
        return {bytes.begin(), bytes.end()};
    }
    const auto bytes = address.to_v6().to_bytes();
    return {bytes.begin(), bytes.begin() + 8};
}

}  // namespace crowfly
