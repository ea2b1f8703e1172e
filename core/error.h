#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace crowfly {

/// What kind of thing went wrong. Every surface translates a code by the one table behind `info`.
enum class Code {
    invalid_argument,   ///< a value that parses but lies outside its domain
    malformed,          ///< text or bytes that do not parse
    not_found,          ///< a file, collection or place that is not there
    conflict,           ///< the request contradicts what is stored
    unsupported,        ///< a defined thing that this build does not do
    too_large,          ///< input beyond a stated limit
    permission_denied,  ///< the system refused access
    busy,               ///< somebody else holds what is needed; trying again may help
    deadline_exceeded,  ///< the work was stopped because its time was up
    cancelled,          ///< the work was stopped because the caller asked for it
    io,                 ///< the system failed to read or write
    corrupt,            ///< stored data contradicts itself
    out_of_memory,      ///< an allocation failed
    internal,           ///< a broken promise inside crowfly: always a bug
};

/// How each surface shows a code.
struct CodeInfo {
    Code code;
    std::string_view name;              ///< stable, machine-readable
    std::string_view title;             ///< one line for people
    int http_status;                    ///< status of the problem+json (RFC 9457)
    int exit_code;                      ///< of the command line, as BSD sysexits has them
    std::string_view sqlstate;          ///< PostgreSQL's five characters
    std::string_view python_exception;  ///< builtin exception class
};

/// All rows of the table, in the order of the enumeration.
std::span<const CodeInfo> all_codes() noexcept;

const CodeInfo& info(Code code) noexcept;

/// The one exception of crowfly. The message says what was found, where, and what would be right.
class Error : public std::runtime_error {
  public:
    Error(Code code, const std::string& message) : std::runtime_error(message), code_(code) {}

    Code code() const noexcept { return code_; }

  private:
    Code code_;
};

}  // namespace crowfly
