#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace crowfly {

/// A file in memory, as long as the owner is held.
struct MappedFile {
    std::span<const std::byte> bytes;
    std::shared_ptr<const void> owner;
};

/// Throws Error(not_found), Error(permission_denied) or Error(io) that names the file.
MappedFile map_file(const std::string& path);

/// Writes the bytes beside `path`, brings them to the disk, and then moves the file to its place; when it
/// throws before that, what was there is as it was. Throws Error(permission_denied) or Error(io).
void write_file(const std::string& path, std::span<const std::byte> bytes);

}  // namespace crowfly
