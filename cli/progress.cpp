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

Progress::Progress(std::string what) : what_(std::move(what)), visible_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
    if (drawn_) std::fputs(kClearLine, stderr);
}

void Progress::update(std::uint64_t done, std::uint64_t total, std::uint64_t places) {
    if (!visible_) return;
    const auto now = Clock::now();
    if (now < next_) return;
    next_ = now + kRedraw;
    drawn_ = true;
    const double seconds = std::max(std::chrono::duration<double>(now - start_).count(), 1e-3);
    std::string line = fmt::format("{}{} ", kClearLine, what_);
    if (total > 0) {
        const double part = std::min(static_cast<double>(done) / static_cast<double>(total), 1.0);
        const auto filled = static_cast<std::size_t>(part * static_cast<double>(kWidth));
        line += fmt::format("[{}{}] {:3.0f}% ", std::string(filled, '='), std::string(kWidth - filled, ' '),
                            part * 100);
    }
    line += fmt::format("{} places, {}/s", grouped(places),
                        grouped(static_cast<std::uint64_t>(static_cast<double>(places) / seconds)));
    std::fputs(line.c_str(), stderr);
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
