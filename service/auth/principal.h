#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crowfly {

/// What somebody may do; each may also do what those before it may.
enum class Role : std::uint8_t {
    reader,  ///< search and read
    writer,  ///< change places, import
    admin,   ///< make and drop collections
};

std::string_view name(Role role) noexcept;

/// Nothing for a word that is no role.
std::optional<Role> role_named(std::string_view word) noexcept;

/// Who sends a request.
struct Principal {
    Role role = Role::reader;
    std::string id = {};  ///< of the key; `jwt:` and the subject of a token; empty for nobody in particular
    std::vector<std::string> collections = {};  ///< what it is restricted to; empty: all

    /// For what belongs to no single collection.
    bool may(Role needed) const noexcept { return role >= needed; }

    bool may(Role needed, std::string_view collection) const noexcept {
        return may(needed) && (collections.empty() || std::find(collections.begin(), collections.end(),
                                                                collection) != collections.end());
    }
};

}  // namespace crowfly
