#include "service/notify.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace crowfly {
namespace {

std::string_view variable(const char* name) noexcept {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
}

std::optional<std::int64_t> number(std::string_view text) noexcept {
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

Notifier Notifier::from_environment() {
    std::optional<std::chrono::microseconds> watchdog;
    const auto interval = number(variable("WATCHDOG_USEC"));
    const auto process = number(variable("WATCHDOG_PID"));
    if (interval && *interval > 0 && (!process || *process == ::getpid())) watchdog.emplace(*interval);
    return Notifier(std::string(variable("NOTIFY_SOCKET")), watchdog);
}

Notifier::Notifier(std::string socket, std::optional<std::chrono::microseconds> watchdog)
    : socket_(std::move(socket)) {
    if (watchdog && !socket_.empty()) alive_every_ = *watchdog / 2;
}

void Notifier::send(std::string_view state) const noexcept {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_.size() < 2 || socket_.size() > sizeof(address.sun_path)) return;
    std::copy(socket_.begin(), socket_.end(), address.sun_path);
    if (socket_.front() == '@') address.sun_path[0] = '\0';
    const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return;
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    // The result is passed over: there is nothing better to do.
    static_cast<void>(::sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                               reinterpret_cast<const sockaddr*>(&address), length));
    ::close(descriptor);
}

}  // namespace crowfly
