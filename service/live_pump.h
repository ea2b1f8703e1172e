#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "formats/geojson_writer.h"
#include "service/body_stream.h"
#include "store/live_neighbors.h"

namespace crowfly {

struct LiveLimits {
    std::size_t streams = 10'000;                  ///< at a time
    std::chrono::milliseconds pause{5};            ///< between two looks at the collections' changes
    std::chrono::milliseconds search{250};         ///< for a search, for which all others wait
    std::chrono::milliseconds heartbeat{15'000};   ///< a comment is sent after so long without news
    std::chrono::milliseconds longest{3'600'000};  ///< then a stream ends: who wants more must ask again
};

/// Keeps streams of events about the nearest places of collections, all in one thread of its own. No stream
/// waits for another: what a client does not take stays with its subscription, and comes to one event when
/// there is room again.
class LivePump {
  public:
    explicit LivePump(LiveLimits limits = {});
    LivePump(const LivePump&) = delete;
    LivePump& operator=(const LivePump&) = delete;

    /// Ends all streams.
    ~LivePump();

    /// A stream whose first event is the whole answer, and the others what has changed since. It ends when
    /// it is abandoned, and when a search fails, after an event that says so. The query must be one that the
    /// collection has been searched with. Null when there are too many streams, or after `stop`.
    std::shared_ptr<BodyStream> open(std::shared_ptr<const Collection> collection, NearestQuery query,
                                     Decimals decimals);

    /// Ends all streams soon. May be called from any thread, and more than once.
    void stop() noexcept { thread_.request_stop(); }

    const LiveLimits& limits() const noexcept { return limits_; }

    /// How many streams there are.
    std::size_t size() const noexcept { return size_; }

  private:
    using Clock = std::chrono::steady_clock;

    struct Asked;
    struct Feed;
    struct Session;

    void run(const std::stop_token& stop);
    void wait(const std::stop_token& stop);
    void take_in();
    void begin(Asked asked);
    Feed& feed_of(const std::shared_ptr<const Collection>& collection);
    void pump(Feed& feed);
    void tell_marked();
    void sweep();
    void tell(std::size_t seat);
    bool send_news(Session& session);
    bool is_over(const Session& session, Clock::time_point now) const;
    void end(std::size_t seat) noexcept;
    void end_all() noexcept;

    const LiveLimits limits_;
    std::atomic<std::size_t> size_ = 0;

    std::mutex mutex_;  // of these three
    std::condition_variable_any asked_some_;
    std::vector<Asked> asked_;
    bool stopped_ = false;

    // Of the thread. A session's seat is marked, by whoever knows, when there is something to do for it.
    std::vector<std::atomic<bool>> marks_;
    std::vector<std::unique_ptr<Feed>> feeds_;
    std::vector<std::unique_ptr<Session>> sessions_;  // by seat; null: the seat is free
    std::vector<std::size_t> free_seats_;
    Clock::time_point next_sweep_ = {};

    std::jthread thread_;
};

}  // namespace crowfly
