#include "service/auth/principal.h"

#include <array>
#include <cstddef>

namespace crowfly {
namespace {

constexpr std::array<std::string_view, 3> kNames{"reader", "writer", "admin"};
static_assert(static_cast<std::size_t>(Role::admin) + 1 == kNames.size());

}  // namespace

std::string_view name(Role role) noexcept {
    return kNames[static_cast<std::size_t>(role)];
}

std::optional<Role> role_named(std::string_view word) noexcept {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i] == word) return static_cast<Role>(i);
    }
    return std::nullopt;
}

}  // namespace crowfly
