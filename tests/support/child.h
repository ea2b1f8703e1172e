#pragma once

#include <functional>
#include <string>

#include <sys/types.h>

namespace crowfly::tests {

/// A copy of this process that runs one function. May only be made while nothing is open that the copy must
/// not have too, and while no other thread runs.
class Child {
  public:
    /// Returns once the function has called the `ready` that it is given, or has ended.
    explicit Child(const std::function<void(const std::function<void()>& ready)>& body);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Kills it, if it lives.
    ~Child();

    /// For the end of such a function: keeps what it has open.
    [[noreturn]] static void wait_for_the_end();

    pid_t pid() const noexcept { return pid_; }

    /// With SIGKILL, which it cannot handle.
    void kill();

  private:
    pid_t pid_ = -1;
};

}  // namespace crowfly::tests
