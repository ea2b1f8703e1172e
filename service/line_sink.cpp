#include "service/line_sink.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/files.h"

namespace crowfly {
namespace {

constexpr std::size_t kWriteSize = 64U << 10U;

}  // namespace

LineSink::LineSink(std::string path) : path_(std::move(path)), file_(open()) {}

LineSink::~LineSink() {
    flush_();
    ::close(file_);
}

int LineSink::open() const {
    const int file = path_ == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                                  : ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (file < 0) throw Error(code_of_errno(errno), fmt::format("{}: {}", path_, std::strerror(errno)));
    return file;
}

void LineSink::reopen() {
    const std::lock_guard lock(mutex_);
    const int file = open();
    flush_();
    ::close(std::exchange(file_, file));
}

void LineSink::sink_it_(const spdlog::details::log_msg& message) {
    waiting_.append(message.payload.data(), message.payload.size()).append(1, '\n');
    ++waiting_lines_;
    if (waiting_.size() >= kWriteSize) flush_();
}

void LineSink::flush_() {
    for (std::size_t done = 0; done < waiting_.size();) {
        const ssize_t written = ::write(file_, waiting_.data() + done, waiting_.size() - done);
        if (written >= 0) {
            done += static_cast<std::size_t>(written);
        } else if (errno != EINTR) {
            // Nobody is to wait until there is room again, so what cannot be written now is given up.
            lost_.fetch_add(waiting_lines_, std::memory_order_relaxed);
            break;
        }
    }
    waiting_.clear();
    waiting_lines_ = 0;
}

}  // namespace crowfly
