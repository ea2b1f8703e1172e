#pragma once

#include "core/error.h"

namespace crowfly {

/// What an errno of a call that opens, makes, reads or writes a file stands for.
Code code_of_errno(int number) noexcept;

}  // namespace crowfly
