#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>

namespace crowfly {

/// The body of a reply that is made while it is sent: one side, in any thread, writes; the connection takes
/// what there is whenever the client has taken what was before. What waits is bounded.
class BodyStream {
  public:
    /// Once so many bytes wait, who writes has to wait.
    static constexpr std::size_t kCapacity = 256U << 10U;

    enum class State {
        open,    ///< there may be more
        ended,   ///< that was all
        broken,  ///< there would be more, which could not be made: the client must not take it for the whole
    };

    BodyStream() = default;
    BodyStream(const BodyStream&) = delete;
    BodyStream& operator=(const BodyStream&) = delete;

    /// Appends the text; waits while too much is there. False once nobody takes any more.
    bool write(std::string_view text);

    /// Appends the text unless too much waits. False when it does not, or nobody takes any more.
    bool offer(std::string_view text);

    /// No more comes.
    void end();

    /// No more comes, and what came is not the whole.
    void fail();

    /// Requested once nobody takes any more.
    std::stop_token stop_token() const { return abandoned_.get_token(); }

    /// Moves what there is to the end of `out`. When that is nothing and the stream is open, `wake` is called
    /// once, in another thread or in this one, as soon as there is more to be said.
    State take(std::string& out, std::function<void()> wake);

    /// Nobody takes any more.
    void abandon();

  private:
    void close(State state);

    std::mutex mutex_;
    std::condition_variable room_;
    std::string waiting_;
    State state_ = State::open;
    std::function<void()> wake_;
    std::stop_source abandoned_;
};

}  // namespace crowfly
