#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace crowfly {

/// Tells systemd how the service is doing (sd_notify(3)). Does nothing where nobody has asked, which is when
/// NOTIFY_SOCKET is not set. What cannot be sent is not sent: the service does not depend on it.
class Notifier {
  public:
    /// As the environment has it. Called before threads are started.
    static Notifier from_environment();

    /// `socket` is a path, or a name in the abstract namespace that begins with @; empty: nobody is told
    /// anything.
    explicit Notifier(std::string socket, std::optional<std::chrono::microseconds> watchdog = {});

    /// The service answers from now on.
    void ready() const { send("READY=1"); }

    /// It finishes what was begun, and ends.
    void stopping() const { send("STOPPING=1"); }

    /// One line for `systemctl status`.
    void status(std::string_view line) const { send("STATUS=" + std::string(line)); }

    /// A sign of life.
    void alive() const { send("WATCHDOG=1"); }

    /// How often a sign of life is due, half of what is waited for at most; nothing when none is asked for.
    std::optional<std::chrono::microseconds> alive_every() const noexcept { return alive_every_; }

  private:
    void send(std::string_view state) const noexcept;

    std::string socket_;
    std::optional<std::chrono::microseconds> alive_every_;
};

}  // namespace crowfly
