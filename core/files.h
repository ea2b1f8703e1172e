#pragma once

#include <string>

#include "core/error.h"

namespace crowfly {

/// What an errno of a call that opens, makes, reads or writes a file stands for.
Code code_of_errno(int number) noexcept;

/// Whether there is anything of that name, where symbolic links lead. Throws Error(permission_denied or io)
/// when that cannot be known.
bool file_exists(const std::string& path);

}  // namespace crowfly
