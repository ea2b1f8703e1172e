#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace crowfly {

/// A progress bar on standard error, drawn at most ten times a second, and only when that is a terminal.
class Progress {
  public:
    /// `what` is in the present participle, as in "importing"; `things` are what is counted.
    explicit Progress(std::string what, std::string things = "places");
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();

    /// Of `total` units of work (0 when unknown) `done` are done, which made `count` things.
    void update(std::uint64_t done, std::uint64_t total, std::uint64_t count);

  private:
    using Clock = std::chrono::steady_clock;

    std::string what_;
    std::string things_;
    bool visible_;
    bool drawn_ = false;
    Clock::time_point start_ = Clock::now();
    Clock::time_point next_ = start_;
};

/// The line that the bar is, without control characters.
std::string progress_line(const std::string& what, const std::string& things, double seconds,
                          std::uint64_t done, std::uint64_t total, std::uint64_t count);

/// A number with its thousands apart: 1,234,567.
std::string grouped(std::uint64_t number);

}  // namespace crowfly
