#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace crowfly::tests {

struct Finished {
    int exit_code = -1;  ///< 128 + the signal when one ended it
    std::string out;
    std::string err;
};

/// Runs a program to its end, with `input` on its standard input. The first argument is its path, or its name
/// on PATH.
Finished run(const std::vector<std::string>& arguments, const std::string& input = {});

/// Runs the crowfly of this build.
Finished crowfly(std::vector<std::string> arguments, const std::string& input = {});

/// A program that is killed, whatever it is doing. Its standard error is that of this process.
class ProcessToKill {
  public:
    explicit ProcessToKill(const std::vector<std::string>& arguments);
    ProcessToKill(const ProcessToKill&) = delete;
    ProcessToKill& operator=(const ProcessToKill&) = delete;
    ~ProcessToKill();

    /// Returns when it has written so many lines to its standard output. Throws when it ends before.
    void wait_for_lines(std::size_t count);

    /// Kills it (SIGKILL) after that time, unless it has ended before, and returns all that it has written to
    /// its standard output.
    std::string kill_after(std::chrono::microseconds time);

    /// After that; 128 + SIGKILL when it was killed.
    int exit_code() const noexcept { return exit_code_; }

  private:
    void kill();

    pid_t process_ = -1;
    int out_ = -1;
    int exit_code_ = -1;
    std::string said_;
};

/// `crowfly serve` on a port that the system chose; ended by SIGTERM with the object.
class ServeProcess {
  public:
    explicit ServeProcess(const std::string& store, std::vector<std::string> more = {});
    ServeProcess(const ServeProcess&) = delete;
    ServeProcess& operator=(const ServeProcess&) = delete;
    ~ServeProcess();

    std::uint16_t port() const noexcept { return port_; }

    void send(int signal) const;

    /// Sends the signal and waits; returns the exit code, and from then on `log` is whole.
    int stop(int signal);

    /// What it has written to standard error.
    const std::string& log() const noexcept { return log_; }

  private:
    pid_t process_ = -1;
    int log_pipe_ = -1;
    std::uint16_t port_ = 0;
    std::string log_;
};

}  // namespace crowfly::tests
