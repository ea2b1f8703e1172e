#include "service/live_pump.h"

#include <algorithm>
#include <optional>
#include <stop_token>
#include <utility>

#include <spdlog/spdlog.h>

#include "core/error.h"
#include "service/live_events.h"
#include "service/problem.h"

namespace crowfly {
namespace {

// Heartbeats are late by at most such a part of the time between them.
constexpr int kSweepsOfHeartbeat = 16;

/// What a client is told of a failure; what went wrong inside is for the log.
std::string problem_text(const std::exception& failure) {
    const auto* error = dynamic_cast<const Error*>(&failure);
    const Code code = error != nullptr ? error->code() : Code::internal;
    if (info(code).http_status < 500 || code == Code::deadline_exceeded) return problem_of(*error).body;
    spdlog::error("live neighbors: {}", failure.what());
    return problem_of(Error(code, std::string(info(code).title))).body;
}

struct Mark {
    std::atomic<bool>* mark;
    void operator()() const noexcept { mark->store(true, std::memory_order_release); }
};

}  // namespace

/// A stream that the thread has not begun yet.
struct LivePump::Asked {
    std::shared_ptr<const Collection> collection;
    NearestQuery query;
    Decimals decimals;
    std::shared_ptr<BodyStream> stream;
};

/// What is live of a collection.
struct LivePump::Feed {
    Feed(std::shared_ptr<const Collection> of, std::chrono::milliseconds search_timeout)
        : collection(std::move(of)), live(*collection, search_timeout) {}

    std::shared_ptr<const Collection> collection;
    LiveNeighbors live;
    std::size_t sessions = 0;
    bool is_failing = false;
};

/// A stream under way.
struct LivePump::Session {
    Session(Feed& of, Asked asked, Mark mark)
        : feed(of),
          metric(asked.query.from.metric),
          decimals(asked.decimals),
          stream(std::move(asked.stream)),
          subscription(of.live.subscribe(std::move(asked.query), mark)),
          when_abandoned(stream->stop_token(), mark) {
        ++feed.sessions;
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() {
        stream->end();
        --feed.sessions;
    }

    Feed& feed;
    MetricKind metric;
    Decimals decimals;
    std::shared_ptr<BodyStream> stream;
    LiveSubscription subscription;
    std::stop_callback<Mark> when_abandoned;
    std::string unsent = {};  ///< events that the stream had no room for
    bool is_last = false;     ///< nothing comes after these
    Clock::time_point begun = Clock::now();
    Clock::time_point spoke = begun;
};

LivePump::LivePump(LiveLimits limits)
    : limits_(limits), marks_(limits.streams), thread_([this](const std::stop_token& stop) { run(stop); }) {}

LivePump::~LivePump() = default;

std::shared_ptr<BodyStream> LivePump::open(std::shared_ptr<const Collection> collection, NearestQuery query,
                                           Decimals decimals) {
    auto stream = std::make_shared<BodyStream>();
    query.from.control = {.stop = stream->stop_token()};
    {
        const std::scoped_lock lock(mutex_);
        if (stopped_ || size_ >= limits_.streams) return nullptr;
        asked_.push_back({std::move(collection), std::move(query), decimals, stream});
        ++size_;
    }
    asked_some_.notify_one();
    return stream;
}

void LivePump::run(const std::stop_token& stop) {
    while (true) {
        wait(stop);
        if (stop.stop_requested()) break;
        take_in();
        for (const auto& feed : feeds_) pump(*feed);
        tell_marked();
        if (Clock::now() >= next_sweep_) sweep();
        std::erase_if(feeds_, [](const auto& feed) { return feed->sessions == 0; });
    }
    end_all();
}

void LivePump::wait(const std::stop_token& stop) {
    const auto is_asked = [this] { return !asked_.empty(); };
    std::unique_lock lock(mutex_);
    if (feeds_.empty()) {
        asked_some_.wait(lock, stop, is_asked);
    } else {
        asked_some_.wait_for(lock, stop, limits_.pause, is_asked);
    }
}

void LivePump::take_in() {
    std::vector<Asked> asked;
    {
        const std::scoped_lock lock(mutex_);
        asked.swap(asked_);
    }
    for (Asked& one : asked) {
        const auto stream = one.stream;
        try {
            begin(std::move(one));
        } catch (const std::exception& error) {
            spdlog::error("live neighbors: {}", error.what());
            stream->fail();
            --size_;
        }
    }
}

void LivePump::begin(Asked asked) {
    if (free_seats_.empty()) {
        free_seats_.reserve(sessions_.size() + 1);  // so that `end` cannot fail
        sessions_.emplace_back();
        free_seats_.push_back(sessions_.size() - 1);
    }
    const std::size_t seat = free_seats_.back();
    Feed& feed = feed_of(asked.collection);
    sessions_[seat] = std::make_unique<Session>(feed, std::move(asked), Mark{&marks_[seat]});
    free_seats_.pop_back();
}

LivePump::Feed& LivePump::feed_of(const std::shared_ptr<const Collection>& collection) {
    const auto found = std::find_if(feeds_.begin(), feeds_.end(),
                                    [&](const auto& feed) { return feed->collection == collection; });
    if (found != feeds_.end()) return **found;
    return *feeds_.emplace_back(std::make_unique<Feed>(collection, limits_.search));
}

/// What it throws may be over the next time. The log is told once.
void LivePump::pump(Feed& feed) {
    try {
        feed.live.pump();
        feed.is_failing = false;
    } catch (const std::exception& error) {
        if (!std::exchange(feed.is_failing, true)) spdlog::error("live neighbors: {}", error.what());
    }
}

void LivePump::tell_marked() {
    for (std::size_t seat = 0; seat < sessions_.size(); ++seat) {
        if (!marks_[seat].load(std::memory_order_relaxed)) continue;
        marks_[seat].exchange(false, std::memory_order_acquire);
        if (sessions_[seat] != nullptr) tell(seat);
    }
}

/// Looks at those too that nobody has marked.
void LivePump::sweep() {
    const auto now = Clock::now();
    next_sweep_ = now + limits_.heartbeat / kSweepsOfHeartbeat;
    for (std::size_t seat = 0; seat < sessions_.size(); ++seat) {
        if (sessions_[seat] == nullptr) continue;
        Session& session = *sessions_[seat];
        if (is_over(session, now)) {
            end(seat);
        } else if (now - session.spoke >= limits_.heartbeat && session.unsent.empty()) {
            write_live_heartbeat(session.unsent);
            tell(seat);
        }
    }
}

void LivePump::tell(std::size_t seat) {
    bool goes_on = false;
    try {
        goes_on = send_news(*sessions_[seat]);
        if (goes_on && !sessions_[seat]->unsent.empty()) marks_[seat] = true;
    } catch (const std::exception& error) {
        spdlog::error("live neighbors: {}", error.what());
        sessions_[seat]->stream->fail();
    }
    if (!goes_on) end(seat);
}

/// Offers what was left, then what is new; false when the stream is to end.
bool LivePump::send_news(Session& session) {
    while (!session.stream->stop_token().stop_requested()) {
        if (session.unsent.empty()) {
            try {
                if (const auto news = session.subscription.take())
                    write_live_event(session.unsent, *news, session.metric, session.decimals);
            } catch (const std::exception& failure) {
                session.unsent.clear();
                write_live_problem(session.unsent, problem_text(failure));
                session.is_last = true;
            }
            if (session.unsent.empty()) return true;
        }
        if (!session.stream->offer(session.unsent)) return true;
        session.unsent.clear();
        session.spoke = Clock::now();
        if (session.is_last) return false;
    }
    return false;
}

/// Nobody else having the stream means that the client left before the reply was begun, so that nobody has
/// abandoned it.
bool LivePump::is_over(const Session& session, Clock::time_point now) const {
    return session.stream->stop_token().stop_requested() || session.stream.use_count() == 1 ||
           now - session.begun >= limits_.longest;
}

void LivePump::end(std::size_t seat) noexcept {
    sessions_[seat].reset();
    free_seats_.push_back(seat);
    --size_;
}

void LivePump::end_all() noexcept {
    std::vector<Asked> asked;
    {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
        asked.swap(asked_);
    }
    for (const Asked& one : asked) one.stream->end();
    size_ -= asked.size();
    for (std::size_t seat = 0; seat < sessions_.size(); ++seat) {
        if (sessions_[seat] != nullptr) end(seat);
    }
    feeds_.clear();
}

}  // namespace crowfly
