#include "service/line_writer.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/files.h"

namespace crowfly {
namespace {

// So much is written at once, though it has not waited long.
constexpr std::size_t kWriteSize = 64U << 10U;

}  // namespace

LineWriter::LineWriter(Options options)
    : options_(std::move(options)),
      file_(open()),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

LineWriter::~LineWriter() {
    thread_.request_stop();
    thread_.join();
    ::close(file_);
}

int LineWriter::open() const {
    const std::string& path = options_.path;
    const int file = path == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                                 : ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (file < 0) throw Error(code_of_errno(errno), fmt::format("{}: {}", path, std::strerror(errno)));
    return file;
}

void LineWriter::add(std::string_view line) {
    bool is_due = false;
    {
        const std::lock_guard lock(waiting_mutex_);
        if (waiting_.text.size() + line.size() >= options_.most_bytes) {
            lost_.fetch_add(1, std::memory_order_relaxed);
            return;
        }
        const bool was_due = waiting_.text.size() >= kWriteSize;
        waiting_.text.append(line).append(1, '\n');
        ++waiting_.count;
        is_due = !was_due && waiting_.text.size() >= kWriteSize;
    }
    if (is_due) wake_.notify_one();
}

void LineWriter::reopen() {
    const int file = open();
    const std::lock_guard lock(file_mutex_);
    ::close(std::exchange(file_, file));
}

void LineWriter::run(const std::stop_token& stop) {
    for (bool is_last = false; !is_last;) {
        Lines lines;
        {
            std::unique_lock lock(waiting_mutex_);
            wake_.wait_for(lock, stop, options_.every, [this] { return waiting_.text.size() >= kWriteSize; });
            is_last = stop.stop_requested();
            lines = std::exchange(waiting_, {});
        }
        write(lines);
    }
}

void LineWriter::write(const Lines& lines) {
    const std::lock_guard lock(file_mutex_);
    for (std::size_t done = 0; done < lines.text.size();) {
        const ssize_t written = ::write(file_, lines.text.data() + done, lines.text.size() - done);
        if (written >= 0) {
            done += static_cast<std::size_t>(written);
        } else if (errno != EINTR) {
            // What cannot be written now is given up: it would only be in the way of what comes.
            lost_.fetch_add(lines.count, std::memory_order_relaxed);
            return;
        }
    }
}

}  // namespace crowfly
