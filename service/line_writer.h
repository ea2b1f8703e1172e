#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

namespace crowfly {

/// Adds lines to a file, by a thread of its own, many by one call to the system. Who has a line never waits
/// for the disk: while more wait than there is room for, further ones are lost, and counted. To add one costs
/// a short lock and a copy; the thread is not woken for each, which is what costs most in spdlog's
/// asynchronous loggers.
class LineWriter {
  public:
    struct Options {
        std::string path;                      ///< a file, which is appended to; "-": standard output
        std::size_t most_bytes = 4U << 20U;    ///< that may wait
        std::chrono::milliseconds every{500};  ///< how long a line may wait, unless the disk is slow
    };

    /// Throws Error(not_found, permission_denied or io) when the file cannot be opened.
    explicit LineWriter(Options options);
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;

    /// Writes what waits.
    ~LineWriter();

    /// The line is without its end. May be called from any thread.
    void add(std::string_view line);

    /// Opens the file anew, after another program has renamed it. Throws as the constructor; then the old one
    /// is kept.
    void reopen();

    /// How many lines were not written, because too much waited or the system refused them.
    std::uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }

  private:
    /// Lines, each with its end.
    struct Lines {
        std::string text;
        std::uint64_t count = 0;
    };

    int open() const;
    void run(const std::stop_token& stop);
    void write(const Lines& lines);

    Options options_;
    std::mutex waiting_mutex_;
    std::condition_variable_any wake_;
    Lines waiting_;
    std::mutex file_mutex_;
    int file_;
    std::atomic<std::uint64_t> lost_ = 0;
    std::jthread thread_;  // the last, since it uses the others
};

}  // namespace crowfly
