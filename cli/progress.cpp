#include "cli/progress.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace crowfly {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::size_t kWidth = 30;
constexpr const char* kClearLine = "\r\x1b[K";

}  // namespace

Progress::Progress(std::string what, std::string things)
    : what_(std::move(what)), things_(std::move(things)), visible_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
    if (drawn_) std::fputs(kClearLine, stderr);
}

void Progress::update(std::uint64_t done, std::uint64_t total, std::uint64_t count) {
    if (!visible_) return;
    const auto now = Clock::now();
    if (now < next_) return;
    next_ = now + kRedraw;
    drawn_ = true;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const std::string line =
        kClearLine + progress_line(what_, things_, std::max(seconds, 1e-3), done, total, count);
    std::fputs(line.c_str(), stderr);
}

std::string progress_line(const std::string& what, const std::string& things, double seconds,
                          std::uint64_t done, std::uint64_t total, std::uint64_t count) {
    const auto per_second = static_cast<std::uint64_t>(static_cast<double>(count) / seconds);
    const std::string counted = fmt::format("{} {}, {}/s", grouped(count), things, grouped(per_second));
    if (total == 0) return fmt::format("{} {}", what, counted);
    const double part = std::min(static_cast<double>(done) / static_cast<double>(total), 1.0);
    const auto filled = static_cast<std::size_t>(part * static_cast<double>(kWidth));
    std::string line = fmt::format("{} [{}{}] {:3.0f}% {}", what, std::string(filled, '='),
                                   std::string(kWidth - filled, ' '), part * 100, counted);
    if (part > 0) {
        const auto left = static_cast<std::uint64_t>(seconds * (1 - part) / part + 0.5);
        line += fmt::format(", {}:{:02} left", left / 60, left % 60);
    }
    return line;
}

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

}  // namespace crowfly
