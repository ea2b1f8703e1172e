#include "tests/support/process.h"

#include <algorithm>
#include <array>
#include <regex>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace crowfly::tests {
namespace {

struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        read = ends[0];
        write = ends[1];
    }
    int read;
    int write;
};

pid_t spawn(const std::vector<std::string>& arguments, int in, int out, int err) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    std::vector<char*> argv;
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    pid_t process = -1;
    const int error = posix_spawnp(&process, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("cannot run " + arguments[0]);
    return process;
}

int wait_for(pid_t process) {
    int status = 0;
    ::waitpid(process, &status, 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// Appends what can be read; false at the end.
bool read_some(int descriptor, std::string& text) {
    std::array<char, 4096> buffer{};
    const ssize_t size = ::read(descriptor, buffer.data(), buffer.size());
    if (size <= 0) return false;
    text.append(buffer.data(), static_cast<std::size_t>(size));
    return true;
}

}  // namespace

Finished run(const std::vector<std::string>& arguments, const std::string& input) {
    const Pipe in;
    const Pipe out;
    const Pipe err;
    const pid_t process = spawn(arguments, in.read, out.write, err.write);
    ::close(in.read);
    ::close(out.write);
    ::close(err.write);
    // Inputs of tests fit into a pipe.
    if (!input.empty() && ::write(in.write, input.data(), input.size()) < 0)
        throw std::runtime_error("no input");
    ::close(in.write);

    Finished finished;
    std::array<pollfd, 2> waiting{{{out.read, POLLIN, 0}, {err.read, POLLIN, 0}}};
    std::array<std::string*, 2> texts{&finished.out, &finished.err};
    for (int open = 2; open > 0;) {
        ::poll(waiting.data(), waiting.size(), -1);
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            if (waiting[i].revents == 0 || read_some(waiting[i].fd, *texts[i])) continue;
            ::close(waiting[i].fd);
            waiting[i].fd = -1;
            --open;
        }
    }
    finished.exit_code = wait_for(process);
    return finished;
}

Finished crowfly(std::vector<std::string> arguments, const std::string& input) {
    arguments.insert(arguments.begin(), CROWFLY_PROGRAM);
    return run(arguments, input);
}

ProcessToKill::ProcessToKill(const std::vector<std::string>& arguments) {
    const Pipe out;
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    process_ = spawn(arguments, nothing, out.write, STDERR_FILENO);
    ::close(nothing);
    ::close(out.write);
    out_ = out.read;
}

ProcessToKill::~ProcessToKill() {
    if (process_ >= 0) kill();
    ::close(out_);
}

void ProcessToKill::wait_for_lines(std::size_t count) {
    while (static_cast<std::size_t>(std::count(said_.begin(), said_.end(), '\n')) < count) {
        if (!read_some(out_, said_))
            throw std::runtime_error("a program that was to be killed ended by itself");
    }
}

std::string ProcessToKill::kill_after(std::chrono::microseconds time) {
    // What it says meanwhile must not fill the pipe.
    const auto end = std::chrono::steady_clock::now() + time;
    for (auto now = end - time; now < end; now = std::chrono::steady_clock::now()) {
        const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(end - now);
        const timespec wait{.tv_sec = left.count() / 1'000'000'000, .tv_nsec = left.count() % 1'000'000'000};
        pollfd waiting{out_, POLLIN, 0};
        if (::ppoll(&waiting, 1, &wait, nullptr) > 0 && !read_some(out_, said_)) break;
    }
    kill();
    while (read_some(out_, said_)) {
    }
    return said_;
}

void ProcessToKill::kill() {
    ::kill(process_, SIGKILL);
    exit_code_ = wait_for(process_);
    process_ = -1;
}

ServeProcess::ServeProcess(const std::string& store, std::vector<std::string> more) {
    std::vector<std::string> arguments{CROWFLY_PROGRAM, "serve",     store, "--listen",
                                       "127.0.0.1:0",   "--threads", "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Pipe log;
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    process_ = spawn(arguments, nothing, nothing, log.write);
    ::close(nothing);
    ::close(log.write);
    log_pipe_ = log.read;
    const std::regex url("https?://127\\.0\\.0\\.1:([0-9]+)");
    for (std::smatch match; !std::regex_search(log_, match, url) ||
                            (port_ = static_cast<std::uint16_t>(std::stoi(match[1]))) == 0;) {
        if (!read_some(log_pipe_, log_)) {
            stop(SIGKILL);
            throw std::runtime_error("the server did not start: " + log_);
        }
    }
}

ServeProcess::~ServeProcess() {
    stop(SIGTERM);
}

void ServeProcess::send(int signal) const {
    ::kill(process_, signal);
}

int ServeProcess::stop(int signal) {
    if (process_ < 0) return -1;
    ::kill(process_, signal);
    while (read_some(log_pipe_, log_)) {
    }
    ::close(log_pipe_);
    const int exit_code = wait_for(process_);
    process_ = -1;
    return exit_code;
}

}  // namespace crowfly::tests
