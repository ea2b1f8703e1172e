#pragma once

#include <cstdint>
#include <string>

#include <sys/stat.h>

namespace crowfly {

/// What changes when a file is written or replaced; all 0 when it is not there.
struct FileStamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_s = 0;
    std::int64_t modified_ns = 0;

    /// Follows symbolic links, so that it changes too when one is made to lead elsewhere.
    static FileStamp of(const std::string& path) noexcept {
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0) return {};
        return {.device = status.st_dev,
                .inode = status.st_ino,
                .size = status.st_size,
                .modified_s = status.st_mtim.tv_sec,
                .modified_ns = status.st_mtim.tv_nsec};
    }

    friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

}  // namespace crowfly
