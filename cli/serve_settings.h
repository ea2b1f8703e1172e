#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "service/service_options.h"

namespace crowfly {

/// Where the settings of `crowfly serve` come from: flags, the environment (CROWFLY_ and the name in
/// capitals), a TOML file (--config, or CROWFLY_CONFIG), and defaults; what stands first here goes before.
/// All have the same names.
///
///     auto settings = std::make_shared<ServeSettings>();
///     settings->add_to(*command);
///     command->callback([settings] {
///         const ServeSettings::Resolved resolved = settings->resolve(ServeSettings::environment());
///         if (settings->print_only()) return print(resolved.toml());
///         require_consistent(resolved.options); ...
///     });
class ServeSettings {
  public:
    using Environment = std::map<std::string, std::string>;

    struct Resolved {
        ServiceOptions options;
        std::map<std::string, std::string, std::less<>>
            origins;                                 ///< of what is not default: where it was set, by name
        std::vector<std::string> unknown_variables;  ///< that begin with CROWFLY_; for a warning, as
                                                     ///< platforms set such by themselves

        /// All settings as a TOML file that gives them again, each with a comment that says where it comes
        /// from.
        std::string toml() const;
    };

    /// Adds an option for each setting, and --config and --print-config. The command must outlive `resolve`.
    void add_to(CLI::App& command);

    /// Whether --print-config was given.
    bool print_only() const noexcept { return print_only_; }

    /// Throws Error(invalid_argument) for a value that is none, with where it stands, and for a name in the
    /// file that is unknown; Error(malformed) for a file that is no TOML, Error(not_found, permission_denied
    /// or io) when it cannot be read.
    Resolved resolve(const Environment& environment) const;

    /// The variables of this process that begin with CROWFLY_.
    static Environment environment();

  private:
    std::vector<const CLI::Option*> flags_;  ///< one for each setting
    std::string config_;
    bool print_only_ = false;
};

}  // namespace crowfly
