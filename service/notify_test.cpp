#include "service/notify.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/temporary.h"

namespace crowfly {
namespace {

/// As systemd listens.
class Listener {
  public:
    explicit Listener(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::copy(name.begin(), name.end(), address.sun_path);
        if (name.front() == '@') address.sun_path[0] = '\0';
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), length), 0);
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener() { ::close(socket_); }

    std::string receive() const {
        std::array<char, 256> bytes{};
        const ssize_t size = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
        return size < 0 ? "nothing" : std::string(bytes.data(), static_cast<std::size_t>(size));
    }

  private:
    int socket_;
};

TEST(Notifier, TellsWhoListens) {
    const tests::TemporaryDirectory directory;
    for (const std::string& name :
         {directory.path("notify"), "@crowfly-test-" + std::to_string(::getpid())}) {
        const Listener listener(name);
        const Notifier notifier(name);
        notifier.ready();
        EXPECT_EQ(listener.receive(), "READY=1");
        notifier.status("serving demo.gpkg");
        EXPECT_EQ(listener.receive(), "STATUS=serving demo.gpkg");
        notifier.alive();
        EXPECT_EQ(listener.receive(), "WATCHDOG=1");
        notifier.stopping();
        EXPECT_EQ(listener.receive(), "STOPPING=1");
        EXPECT_EQ(listener.receive(), "nothing");
    }
}

TEST(Notifier, DoesNothingWhereNobodyListens) {
    const tests::TemporaryDirectory directory;
    for (const std::string& name :
         {std::string(), std::string("/"), directory.path("none"), std::string(500, 'x')})
        Notifier(name).ready();
}

TEST(Notifier, KnowsTheEnvironment) {
    using std::chrono::seconds;
    ::setenv("NOTIFY_SOCKET", "/run/none", 1);
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    EXPECT_EQ(Notifier::from_environment().alive_every(), seconds(15));
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    EXPECT_EQ(Notifier::from_environment().alive_every(), seconds(15));
    ::setenv("WATCHDOG_PID", "1", 1);
    EXPECT_EQ(Notifier::from_environment().alive_every(), std::nullopt);
    ::unsetenv("WATCHDOG_PID");
    for (const char* nonsense : {"", "0", "-1", "30s"}) {
        ::setenv("WATCHDOG_USEC", nonsense, 1);
        EXPECT_EQ(Notifier::from_environment().alive_every(), std::nullopt) << nonsense;
    }
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    ::unsetenv("NOTIFY_SOCKET");
    EXPECT_EQ(Notifier::from_environment().alive_every(), std::nullopt);
    ::unsetenv("WATCHDOG_USEC");
}

}  // namespace
}  // namespace crowfly
