#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include <spdlog/sinks/base_sink.h>

namespace crowfly {

/// Where spdlog writes lines: a file that is appended to, or standard output. Unlike spdlog's own it survives
/// a full disk, takes a socket for standard output, and writes many lines by one call.
class LineSink : public spdlog::sinks::base_sink<std::mutex> {
  public:
    /// Throws Error(not_found, permission_denied or io).
    explicit LineSink(std::string path);
    ~LineSink() override;

    /// See RequestLog.
    void reopen();

    /// Lines that the system refused.
    std::uint64_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override;
    void flush_() override;

  private:
    int open() const;

    std::string path_;
    int file_;
    std::string waiting_;
    std::uint64_t waiting_lines_ = 0;
    std::atomic<std::uint64_t> lost_ = 0;
};

}  // namespace crowfly
