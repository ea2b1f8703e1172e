#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/service_options.h"

namespace crowfly {

/// One thing that can be set of `crowfly serve`, and how it stands in ServiceOptions.
struct Setting {
    enum class Kind : std::uint8_t { value, flag, list };

    std::string name;  ///< as in --search-timeout and `search-timeout = "2s"`
    std::string help;
    std::string group;
    Kind kind = Kind::value;

    /// Sets it from its texts, of which there is one unless it is a list. `where` begins the message of the
    /// Error(invalid_argument) that it throws for a text that is none of its values.
    std::function<void(ServiceOptions&, std::span<const std::string> texts, const std::string& where)> set;

    /// As it stands in TOML.
    std::function<std::string(const ServiceOptions&)> show;
};

/// All of them, in the order in which they are shown.
const std::vector<Setting>& all_settings();

/// `search-timeout` as CROWFLY_SEARCH_TIMEOUT.
std::string variable_of(std::string_view setting);

}  // namespace crowfly
