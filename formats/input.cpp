#include "formats/input.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "core/error.h"

namespace crowfly {
namespace {

constexpr std::size_t kChunk = 256 * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

[[noreturn]] void throw_system_error(const std::string& name, int error) {
    const Code code = error == ENOENT   ? Code::not_found
                      : error == EACCES ? Code::permission_denied
                      : error == EINTR  ? Code::cancelled
                                        : Code::io;
    throw Error(code, fmt::format("{}: {}", name, std::strerror(error)));
}

/// zlib puts its own name for the file in front of what it says.
std::string_view without_prefix(std::string_view message) {
    const std::size_t colon = message.find(": ");
    return colon == std::string_view::npos ? message : message.substr(colon + 2);
}

int open_descriptor(const std::string& path, const std::string& name) {
    const int descriptor = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw_system_error(name, errno);
    return descriptor;
}

}  // namespace

void Input::Closer::operator()(gzFile_s* file) const noexcept {
    gzclose_r(file);
}

Input::Input(const std::string& path) : name_(path == "-" ? "standard input" : path) {
    const int descriptor = open_descriptor(path, name_);
    struct stat status {};
    if (::fstat(descriptor, &status) == 0) {
        if (S_ISDIR(status.st_mode)) {
            ::close(descriptor);
            throw Error(Code::io, name_ + ": is a directory; expected a file");
        }
        if (S_ISREG(status.st_mode)) total_ = static_cast<std::uint64_t>(status.st_size);
    }
    file_.reset(gzdopen(descriptor, "rb"));
    if (!file_) {
        ::close(descriptor);
        throw Error(Code::out_of_memory, name_ + ": no memory to read it");
    }
    gzbuffer(file_.get(), kChunk);
}

bool Input::fill() {
    if (at_end_) return false;
    buffer_.erase(0, begin_);
    begin_ = 0;
    const std::size_t held = buffer_.size();
    buffer_.resize(held + kChunk);
    const int got = gzread(file_.get(), buffer_.data() + held, kChunk);
    buffer_.resize(held + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got <= 0) {
        at_end_ = true;
        // A stream that ends inside a gzip member reads as an end, with the truth in the error number alone.
        int error = Z_OK;
        const char* text = gzerror(file_.get(), &error);
        if (error == Z_ERRNO) throw_system_error(name_, errno);
        if (error == Z_BUF_ERROR) throw Error(Code::malformed, name_ + ": the gzip stream is cut short");
        if (error != Z_OK && error != Z_STREAM_END) {
            throw Error(Code::malformed,
                        fmt::format("{}: the gzip stream is damaged ({})", name_, without_prefix(text)));
        }
        return false;
    }
    if (at_start_) {
        // The mark is three bytes; a first read that is shorter than a longer file does not happen on files,
        // and on a pipe more is asked for.
        if (buffer_.size() < kByteOrderMark.size() && fill()) return true;
        at_start_ = false;
        if (std::string_view(buffer_).starts_with(kByteOrderMark)) begin_ = kByteOrderMark.size();
    }
    return true;
}

std::uint64_t Input::bytes_read() const {
    const z_off_t offset = gzoffset(file_.get());
    return offset < 0 ? 0 : static_cast<std::uint64_t>(offset);
}

}  // namespace crowfly
