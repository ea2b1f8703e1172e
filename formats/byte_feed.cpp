#include "formats/byte_feed.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "core/control.h"
#include "core/error.h"

namespace crowfly {

/// What both ends share.
class ByteFeed::State {
  public:
    bool offer(std::string& chunk, std::function<void()> when_room) {
        const std::scoped_lock lock(mutex_);
        if (!has_room()) {
            when_room_ = std::move(when_room);
            return false;
        }
        take(std::move(chunk));
        return true;
    }

    void push(std::string chunk) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return has_room(); });
        take(std::move(chunk));
    }

    /// Only the first end counts.
    void end(std::exception_ptr error) {
        const std::scoped_lock lock(mutex_);
        if (std::exchange(ended_, true)) return;
        error_ = std::move(error);
        changed_.notify_all();
    }

    std::size_t read(std::span<char> into, const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, stop, [this] { return !chunks_.empty() || ended_; });
        Control{.stop = stop}.check();
        if (chunks_.empty()) {
            if (error_) std::rethrow_exception(error_);
            return 0;
        }
        const std::string& front = chunks_.front();
        const std::size_t count = std::min(into.size(), front.size() - begin_);
        std::copy_n(front.data() + begin_, count, into.data());
        begin_ += count;
        waiting_ -= count;
        if (begin_ == front.size()) {
            chunks_.pop_front();
            begin_ = 0;
        }
        tell_of_room(std::move(lock));
        return count;
    }

    void abandon() {
        std::unique_lock lock(mutex_);
        abandoned_ = true;
        chunks_.clear();
        waiting_ = 0;
        tell_of_room(std::move(lock));
    }

    bool is_abandoned() const {
        const std::scoped_lock lock(mutex_);
        return abandoned_;
    }

  private:
    bool has_room() const { return abandoned_ || waiting_ < kCapacity; }

    void take(std::string chunk) {
        if (abandoned_ || ended_ || chunk.empty()) return;
        waiting_ += chunk.size();
        chunks_.push_back(std::move(chunk));
        changed_.notify_all();
    }

    void tell_of_room(std::unique_lock<std::mutex> lock) {
        if (!has_room()) return;
        const std::function<void()> tell = std::exchange(when_room_, nullptr);
        changed_.notify_all();
        lock.unlock();
        if (tell) tell();
    }

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<std::string> chunks_;
    std::size_t begin_ = 0;    // of what has not been read of the first chunk
    std::size_t waiting_ = 0;  // bytes
    std::function<void()> when_room_;
    std::exception_ptr error_;
    bool ended_ = false;
    bool abandoned_ = false;
};

class ByteFeed::Source final : public ByteSource {
  public:
    Source(std::shared_ptr<State> state, std::stop_token stop)
        : state_(std::move(state)), stop_(std::move(stop)) {}
    ~Source() override { state_->abandon(); }

    std::size_t read(std::span<char> into) override { return state_->read(into, stop_); }

  private:
    std::shared_ptr<State> state_;
    std::stop_token stop_;
};

ByteFeed::ByteFeed() : state_(std::make_shared<State>()) {}

ByteFeed::~ByteFeed() {
    fail(std::make_exception_ptr(Error(Code::io, "the input ended before it was whole")));
}

std::unique_ptr<ByteSource> ByteFeed::source(std::stop_token stop) {
    return std::make_unique<Source>(state_, std::move(stop));
}

bool ByteFeed::offer(std::string& chunk, std::function<void()> when_room) {
    return state_->offer(chunk, std::move(when_room));
}

void ByteFeed::push(std::string chunk) {
    state_->push(std::move(chunk));
}

void ByteFeed::finish() {
    state_->end(nullptr);
}

void ByteFeed::fail(std::exception_ptr error) {
    state_->end(std::move(error));
}

bool ByteFeed::is_abandoned() const {
    return state_->is_abandoned();
}

}  // namespace crowfly
