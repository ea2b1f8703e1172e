#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace crowfly {

/// Values of flags, from their text. Each throws Error(invalid_argument) that names the flag, what was found
/// and what would be right.

/// How many at most: a whole number of 1 or more.
std::size_t parse_k(const std::string& text, const char* flag = "-k");

/// A number of 0 or more, in metres or the plane's unit.
double parse_distance(const std::string& text, const char* flag);

/// A whole number of 1 or more; "0" or nothing stands for as many as the machine runs at a time.
std::size_t parse_threads(const std::string& text, const char* flag = "--threads");

/// Bytes: a whole number of 1 or more, which K, M, G or T may follow for powers of 1024.
std::uint64_t parse_bytes(const std::string& text, const char* flag);

/// "true" or "false".
bool parse_boolean(const std::string& text, const char* flag);

}  // namespace crowfly
