#pragma once

#include <chrono>

namespace crowfly {

/// Adds the time until it ends, if wanted.
class Stopwatch {
  public:
    Stopwatch(bool wanted, std::chrono::nanoseconds& total) : wanted_(wanted), total_(total) {
        if (wanted_) start_ = std::chrono::steady_clock::now();
    }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;
    ~Stopwatch() {
        if (wanted_) total_ += std::chrono::steady_clock::now() - start_;
    }

  private:
    bool wanted_;
    std::chrono::nanoseconds& total_;
    std::chrono::steady_clock::time_point start_;
};

}  // namespace crowfly
