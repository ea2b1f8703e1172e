#include "bench/systems/peer_process.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace crowfly::bench {
namespace {

struct Pipe {
    Pipe() {
        int ends[2];
        // Closed on exec, so that no peer holds open the standard input of another.
        if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
        read = ends[0];
        write = ends[1];
    }
    int read = -1;
    int write = -1;
};

}  // namespace

PeerProcess::PeerProcess(const std::vector<std::string>& arguments) {
    // A peer that has ended shows as a failed write and an end of input.
    std::signal(SIGPIPE, SIG_IGN);
    const Pipe in;
    const Pipe out;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.read, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out.write, STDOUT_FILENO);
    std::vector<char*> argv;
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const int failed = posix_spawn(&process_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(in.read);
    close(out.write);
    to_ = in.write;
    from_ = out.read;
    if (failed == 0) return;
    close(to_);
    close(from_);
    throw std::system_error(failed, std::generic_category(), arguments.front());
}

PeerProcess::~PeerProcess() {
    close(to_);
    close(from_);
    waitpid(process_, nullptr, 0);
}

bool PeerProcess::read_line(std::string& line) {
    std::size_t end = unread_.find('\n');
    while (end == std::string::npos) {
        char bytes[256];
        const ssize_t count = read(from_, bytes, sizeof bytes);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        unread_.append(bytes, static_cast<std::size_t>(count));
        end = unread_.find('\n');
    }
    line = unread_.substr(0, end);
    unread_.erase(0, end + 1);
    return true;
}

void PeerProcess::write_line(const std::string& line) {
    const std::string bytes = line + '\n';
    // Far below the capacity of a pipe, so it is written whole; a failure shows in the next read.
    static_cast<void>(!write(to_, bytes.data(), bytes.size()));
}

ExchangeDirectory::ExchangeDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "crowfly_bench_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), name);
    path_ = name;
}

ExchangeDirectory::~ExchangeDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace crowfly::bench
