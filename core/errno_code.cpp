#include "core/errno_code.h"

#include <cerrno>

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

}  // namespace crowfly
