#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace crowfly::bench {

/// What a program has used.
struct Usage {
    double seconds = 0;      ///< from start to end
    double cpu_seconds = 0;  ///< of all its threads
    std::uint64_t peak_bytes = 0;
    std::string out;  ///< what it has written to standard output
};

/// Runs a program to its end; the first argument is its path, or its name on PATH. Throws std::runtime_error
/// when it cannot be run or fails.
Usage run_program(const std::vector<std::string>& arguments);

/// Bytes of memory that this process has now.
std::uint64_t resident_bytes();

}  // namespace crowfly::bench
