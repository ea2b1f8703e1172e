#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/error.h"

namespace crowfly::tests {

/// The code of the Error that the action throws; nothing when it throws none.
inline std::optional<Code> thrown_code(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    return std::nullopt;
}

/// Name of the code and message of the Error that the action throws, or "no error".
inline std::string thrown_text(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return std::string(info(error.code()).name) + " " + error.what();
    }
    return "no error";
}

}  // namespace crowfly::tests
