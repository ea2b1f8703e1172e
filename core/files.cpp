#include "core/files.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sys/stat.h>

namespace crowfly {

Code code_of_errno(int number) noexcept {
    switch (number) {
        case ENOENT:
        case ENOTDIR:
            return Code::not_found;
        case EACCES:
        case EPERM:
        case EROFS:
            return Code::permission_denied;
        default:
            return Code::io;
    }
}

bool file_exists(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) return true;
    const Code code = code_of_errno(errno);
    if (code == Code::not_found) return false;
    throw Error(code, fmt::format("{}: {}", path, std::strerror(errno)));
}

}  // namespace crowfly
