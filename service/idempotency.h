#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "service/http.h"

namespace crowfly {

/// Replies to requests that carry an Idempotency-Key, so that one that is sent again is not done again. Only
/// the replies of those that have succeeded are kept, as what has failed has changed nothing; for a day, the
/// last 10,000 of them, as long as the process lives. A key is that of one principal. All members may be
/// called from any thread.
class Idempotency {
  public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;

    static constexpr std::size_t kMostReplies = 10'000;
    static constexpr std::size_t kMostBytes = 64U << 20U;  ///< of them all
    static constexpr std::size_t kLongestKey = 255;

    /// What two requests with the same key must have in common.
    struct Fingerprint {
        std::uint64_t low = 0;
        std::uint64_t high = 0;

        friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
    };

    /// Of method, path, query, Content-Type, and of the body as far as it is there.
    static Fingerprint fingerprint_of(const HttpRequest& request);

    explicit Idempotency(std::size_t most_replies = kMostReplies,
                         Clock clock = std::chrono::steady_clock::now)
        : most_replies_(most_replies), clock_(std::move(clock)) {}

    /// A request that is being done. One that is destroyed before `finish` may be sent again.
    class Attempt {
      public:
        Attempt() = default;
        Attempt(Attempt&& other) noexcept
            : replies_(std::exchange(other.replies_, nullptr)), key_(std::move(other.key_)) {}
        Attempt& operator=(Attempt&&) = delete;
        ~Attempt();

        /// Keeps the reply if it says that the request was done.
        void finish(const HttpResponse& response);

      private:
        friend class Idempotency;
        Attempt(Idempotency& replies, std::string key) : replies_(&replies), key_(std::move(key)) {}

        Idempotency* replies_ = nullptr;  // null: there is no key, or it has been done
        std::string key_;
    };

    /// What to do with a request.
    struct Begun {
        Attempt attempt = {};
        std::optional<HttpResponse> reply = {};  ///< of the same request before; then it is not to be done
    };

    /// Judges the key of a request, if it has one. Throws Error(malformed) for one that is too long or not
    /// printable, Error(conflict) while the same request is being done, Error(invalid_argument) when another
    /// request had that key.
    Begun begin(const HttpRequest& request, std::string_view principal);

    /// Does a request unless it was done before.
    HttpResponse once(const HttpRequest& request, std::string_view principal,
                      const std::function<HttpResponse()>& work);

  private:
    struct Entry {
        std::string key;  // with the principal before it
        Fingerprint fingerprint;
        std::chrono::steady_clock::time_point time;
        std::optional<HttpResponse> reply = {};  // nothing: it is being done
    };
    using Entries = std::list<Entry>;

    void keep(const std::string& key, const HttpResponse& response);
    void forget(const std::string& key) noexcept;
    void forget_old();

    const std::size_t most_replies_;
    const Clock clock_;
    std::mutex mutex_;
    Entries done_;  // the oldest first
    Entries begun_;
    std::size_t bytes_ = 0;                                           // of the replies
    std::unordered_map<std::string_view, Entries::iterator> by_key_;  // views of the entries' own keys
};

}  // namespace crowfly
