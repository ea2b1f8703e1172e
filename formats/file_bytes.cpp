#include "formats/file_bytes.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

namespace crowfly {
namespace {

[[noreturn]] void throw_system_error(const std::string& name, int error) {
    const Code code = error == ENOENT   ? Code::not_found
                      : error == EACCES ? Code::permission_denied
                      : error == EINTR  ? Code::cancelled
                                        : Code::io;
    throw Error(code, fmt::format("{}: {}", name, std::strerror(error)));
}

int open_descriptor(const std::string& path, const std::string& name) {
    const int descriptor = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw_system_error(name, errno);
    return descriptor;
}

}  // namespace

FileBytes::FileBytes(const std::string& path, std::string name)
    : name_(std::move(name)), descriptor_(open_descriptor(path, name_)) {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) return;
    if (S_ISDIR(status.st_mode)) {
        ::close(descriptor_);
        throw Error(Code::io, name_ + ": is a directory; expected a file");
    }
    if (S_ISREG(status.st_mode)) total_ = static_cast<std::uint64_t>(status.st_size);
}

FileBytes::~FileBytes() {
    ::close(descriptor_);
}

std::size_t FileBytes::read(std::span<char> into) {
    const ssize_t got = ::read(descriptor_, into.data(), into.size());
    if (got < 0) throw_system_error(name_, errno);
    return static_cast<std::size_t>(got);
}

}  // namespace crowfly
