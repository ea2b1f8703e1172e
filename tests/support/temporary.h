#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace crowfly::tests {

/// A directory of the test's own that is gone when the object is.
class TemporaryDirectory {
  public:
    TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory();

    std::string path(std::string_view name) const { return (path_ / name).string(); }

    /// Writes a file and returns its path; packed when the name ends in .gz.
    std::string file(std::string_view name, std::string_view content) const;

  private:
    std::filesystem::path path_;
};

std::string read_file(const std::string& path);

}  // namespace crowfly::tests
