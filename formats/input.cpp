#include "formats/input.h"

#include "formats/file_bytes.h"
#include "formats/gunzip.h"

namespace crowfly {
namespace {

constexpr std::size_t kChunk = 256 * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string name_of(const std::string& path) {
    return path == "-" ? "standard input" : path;
}

}  // namespace

Input::Input(const std::string& path)
    : Input(name_of(path), std::make_unique<FileBytes>(path, name_of(path))) {}

Input::Input(std::string name, std::unique_ptr<ByteSource> source)
    : name_(std::move(name)), source_(std::move(source)) {}

Input::Input(Input&& other) noexcept = default;
Input::~Input() = default;

bool Input::fill() {
    buffer_.erase(0, begin_);
    begin_ = 0;
    const std::size_t held = buffer_.size();
    while (!at_end_ && window().size() == held) {
        read_chunk();
        if (at_start_) look_at_start();
    }
    return window().size() > held;
}

void Input::read_chunk() {
    const std::size_t held = buffer_.size();
    buffer_.resize(held + kChunk);
    const std::span<char> into = std::span(buffer_).subspan(held);
    std::size_t got = 0;
    try {
        got = unpacked_ ? unpacked_->read(into) : source_->read(into);
    } catch (...) {
        buffer_.resize(held);
        throw;
    }
    buffer_.resize(held + got);
    if (!unpacked_) bytes_read_ += got;
    at_end_ = got == 0;
}

/// Once there are enough bytes to tell: whether they are gzip, and whether a byte order mark leads them. On a
/// pipe the first bytes may come one at a time.
void Input::look_at_start() {
    while (buffer_.size() < kByteOrderMark.size() && !at_end_) read_chunk();
    if (!unpacked_ && Gunzip::is_gzip(buffer_)) {
        unpacked_ = std::make_unique<Gunzip>(*source_, buffer_, name_);
        buffer_.clear();
        at_end_ = false;
        return;
    }
    at_start_ = false;
    if (std::string_view(buffer_).starts_with(kByteOrderMark)) begin_ = kByteOrderMark.size();
}

std::uint64_t Input::bytes_read() const noexcept {
    return bytes_read_ + (unpacked_ ? unpacked_->bytes_taken() : 0);
}

}  // namespace crowfly
