#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "formats/place_reader.h"

namespace crowfly {

/// The flags that say how a file of places is read, shared by the subcommands that read one.
struct ReadFlags {
    std::string format;  ///< empty: by the file's name
    std::string delimiter;
    std::string crs;  ///< empty: the subcommand's default
    std::string layer;
    ColumnNames columns;

    /// With a side, such as "query", the flags are called after it, as in --query-crs.
    void add_to(CLI::App& command, const std::string& side = {});

    /// What is not set here is as in `others`.
    ReadFlags over(const ReadFlags& others) const;

    friend bool operator==(const ReadFlags&, const ReadFlags&) = default;

    /// Throws Error(invalid_argument).
    std::optional<PlaceFormat> place_format() const;
    std::optional<Crs> reference_system() const;
    ReadOptions options(Crs crs) const;

    /// Throws Error(invalid_argument) when one of them is set: `source` is a store, which is read in one way
    /// only.
    void require_absent(const std::string& source) const;
};

/// Writes the first rejects and how many there are to standard error.
void report(const Rejects& rejects);

}  // namespace crowfly
