#include "tests/support/child.h"

#include <array>
#include <exception>
#include <stdexcept>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace crowfly::tests {

Child::Child(const std::function<void(const std::function<void()>& ready)>& body) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("no process");
    if (pid_ == 0) {
        ::close(ends[0]);
        try {
            body([&] { ::close(ends[1]); });
        } catch (const std::exception&) {
            ::_exit(1);
        }
        ::_exit(0);
    }
    ::close(ends[1]);
    char nothing = 0;
    while (::read(ends[0], &nothing, 1) > 0) {
    }
    ::close(ends[0]);
}

Child::~Child() {
    kill();
}

void Child::wait_for_the_end() {
    for (;;) ::pause();
}

void Child::kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

}  // namespace crowfly::tests
