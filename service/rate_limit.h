#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace crowfly {

struct Rate {
    double per_second = 0;  ///< on average
    double burst = 1;       ///< how many may come at once after a pause; 1 or more
};

/// A bucket of tokens for each of many subjects, such as keys or addresses, in memory that is fixed from the
/// start: about 16 bytes for each subject that has sent something lately. When more are about than there is
/// room for, those with the fullest buckets are forgotten, which gives them a full one; nobody is ever
/// refused for what others do.
///
/// Any number of threads may call it. A call costs one uncontended lock and one cache line or two.
class RateLimit {
  public:
    using Clock = std::chrono::steady_clock;

    /// Throws Error(invalid_argument) for a rate that is not above 0, or a burst below 1.
    explicit RateLimit(Rate rate, std::size_t subjects = 1U << 16U);

    /// Takes a token of the subject's bucket and returns 0; or, when there is none, leaves it as it is and
    /// returns after what time there will be one.
    std::chrono::nanoseconds take(std::string_view subject, Clock::time_point now);

  private:
    /// When the bucket is full again, which says how full it is now ("generic cell rate algorithm", ITU-T
    /// I.371, annex A).
    struct Bucket {
        std::uint64_t subject = 0;
        std::int64_t full_at_ns = INT64_MIN;
    };
    struct alignas(64) Set {
        std::array<Bucket, 8> buckets;
    };
    struct alignas(64) Shard {
        std::mutex mutex;
        std::vector<Set> sets;
    };
    static constexpr std::size_t kShards = 64;

    static Bucket& bucket_of(std::uint64_t subject, Set& set);

    std::int64_t token_ns_;
    std::int64_t burst_ns_;  ///< what a full bucket is ahead of an empty one, less one token
    std::uint64_t seed_;     ///< so that nobody can choose whom to share a bucket with
    std::size_t sets_;       ///< of each shard, a power of 2
    std::array<Shard, kShards> shards_;
};

/// The subject that an address stands for: of IPv6 the first 64 bits, since whoever has one address has those
/// around it too.
std::string rate_subject(const boost::asio::ip::address& address);

}  // namespace crowfly
