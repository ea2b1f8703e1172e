#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "formats/place.h"

namespace crowfly {

/// Places on their way to where they are written, some at a time. Those that have been written are used
/// again, so that their texts need no memory anew.
class PlaceBatch {
  public:
    explicit PlaceBatch(std::size_t capacity) : places_(capacity) {}

    /// The place after the last, whatever is in it; `add` takes it in. The batch must not be full.
    Place& next() noexcept { return places_[size_]; }
    void add() noexcept { ++size_; }
    bool is_full() const noexcept { return size_ == places_.size(); }

    std::span<Place> places() noexcept { return std::span(places_).first(size_); }
    void clear() noexcept { size_ = 0; }

  private:
    std::vector<Place> places_;
    std::size_t size_ = 0;
};

/// Writes batches one after the other in a thread of its own, while the caller makes the next ones.
class BatchWriter {
  public:
    using Write = std::function<void(std::span<Place>)>;

    /// Batches of so many places; a few of them wait at most. `write` is called in the other thread.
    BatchWriter(std::size_t batch_rows, Write write);
    BatchWriter(const BatchWriter&) = delete;
    BatchWriter& operator=(const BatchWriter&) = delete;

    /// Drops what waits, and waits for what is being written.
    ~BatchWriter();

    /// An empty batch, for which it waits. Throws what `write` has thrown.
    PlaceBatch take();

    /// Has a batch written after those before it.
    void put(PlaceBatch batch);

    /// Waits until all are written. Throws what `write` has thrown.
    void finish();

  private:
    void work(const std::stop_token& stop);

    Write write_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<PlaceBatch> empty_;
    std::deque<PlaceBatch> full_;
    bool is_writing_ = false;
    std::exception_ptr error_;
    std::jthread thread_;  // last, so that all else is there before it starts
};

}  // namespace crowfly
