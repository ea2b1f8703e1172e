#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "formats/byte_source.h"

namespace crowfly {

/// Bytes that one thread has, such as the one that serves a socket, for another one that reads them as a
/// ByteSource. What waits to be read is bounded.
///
///     ByteFeed feed;
///     Input input("request", feed.source());     // for the thread that reads
///     feed.push(chunk); ... feed.finish();       // in the thread that has them
class ByteFeed {
  public:
    /// Once so many bytes wait, no more are taken.
    static constexpr std::size_t kCapacity = 1U << 20U;

    ByteFeed();
    ByteFeed(const ByteFeed&) = delete;
    ByteFeed& operator=(const ByteFeed&) = delete;

    /// As `fail`, unless it is finished.
    ~ByteFeed();

    /// The end to read from; may outlive the feed. To be called once. A stop ends a read, and its wait, with
    /// Error(cancelled).
    std::unique_ptr<ByteSource> source(std::stop_token stop = {});

    /// Takes the chunk and returns true; or leaves it and returns false while too much waits. Then
    /// `when_room` is called once there is room, or nobody reads any more, in the thread that reads.
    bool offer(std::string& chunk, std::function<void()> when_room);

    /// Takes the chunk, for which it waits until there is room.
    void push(std::string chunk);

    /// The source ends after what it was given.
    void finish();

    /// The source throws this after what it was given.
    void fail(std::exception_ptr error);

    /// Whether the reading end is gone; what is given then is dropped.
    bool is_abandoned() const;

  private:
    class State;
    class Source;
    std::shared_ptr<State> state_;
};

}  // namespace crowfly
