#pragma once

#include <functional>
#include <string>

#include <sys/types.h>

namespace crowfly::tests {

/// A copy of this process that runs one function. May only be made while nothing is open that the copy must
/// not have too, and while no other thread runs.
class Child {
  public:
    /// Returns once the function has called `ready` that it is given, or has ended; the copy then waits until
    /// it is killed.
    explicit Child(const std::function<void(const std::function<void()>& ready)>& body);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Kills it, if it lives.
    ~Child();

    pid_t pid() const noexcept { return pid_; }

    /// With SIGKILL, which it cannot handle.
    void kill();

  private:
    pid_t pid_ = -1;
};

}  // namespace crowfly::tests
