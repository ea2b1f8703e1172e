#include "service/body_stream.h"

#include <utility>

namespace crowfly {

bool BodyStream::write(std::string_view text) {
    std::function<void()> wake;
    {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [this] { return waiting_.size() < kCapacity || abandoned_.stop_requested(); });
        if (abandoned_.stop_requested()) return false;
        waiting_ += text;
        wake = std::exchange(wake_, nullptr);
    }
    if (wake) wake();
    return true;
}

bool BodyStream::offer(std::string_view text) {
    std::function<void()> wake;
    {
        const std::scoped_lock lock(mutex_);
        if (abandoned_.stop_requested() || waiting_.size() >= kCapacity) return false;
        waiting_ += text;
        wake = std::exchange(wake_, nullptr);
    }
    if (wake) wake();
    return true;
}

void BodyStream::end() {
    close(State::ended);
}

void BodyStream::fail() {
    close(State::broken);
}

void BodyStream::close(State state) {
    std::function<void()> wake;
    {
        const std::scoped_lock lock(mutex_);
        if (state_ == State::open) state_ = state;
        wake = std::exchange(wake_, nullptr);
    }
    if (wake) wake();
}

BodyStream::State BodyStream::take(std::string& out, std::function<void()> wake) {
    {
        const std::scoped_lock lock(mutex_);
        if (waiting_.empty() && state_ == State::open) {
            wake_ = std::move(wake);
            return State::open;
        }
        out += waiting_;
        waiting_.clear();
    }
    room_.notify_all();
    const std::scoped_lock lock(mutex_);
    return waiting_.empty() ? state_ : State::open;
}

void BodyStream::abandon() {
    {
        const std::scoped_lock lock(mutex_);
        waiting_.clear();
        wake_ = nullptr;
    }
    abandoned_.request_stop();
    // One that began to wait in between must see the request.
    const std::scoped_lock lock(mutex_);
    room_.notify_all();
}

}  // namespace crowfly
