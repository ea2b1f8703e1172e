#pragma once

#include <signal.h>

namespace crowfly {

/// While one of these lives, SIGINT, SIGTERM and SIGHUP are noted instead of ending the process, and end a
/// read that waits.
class Interrupt {
  public:
    Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    ~Interrupt();

    /// Throws Error(cancelled) once a signal has come.
    static void check();

    /// Whether one has. May be asked from any thread.
    static bool noted() noexcept;

  private:
    struct sigaction previous_interrupt_ {};
    struct sigaction previous_terminate_ {};
    struct sigaction previous_hangup_ {};
};

}  // namespace crowfly
