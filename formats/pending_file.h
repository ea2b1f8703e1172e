#pragma once

#include <string>

namespace crowfly {

/// A file that takes its name when it is whole. It is written beside where it will be, and is gone with the
/// object unless it was committed.
class PendingFile {
  public:
    /// Makes an empty file beside `path`, or beside the file that `path` is a link to, with its permissions
    /// when it is there. Throws Error(not_found, permission_denied or io).
    explicit PendingFile(const std::string& path);
    PendingFile(const PendingFile&) = delete;
    PendingFile& operator=(const PendingFile&) = delete;
    ~PendingFile();

    /// Where to write meanwhile.
    const std::string& path() const noexcept { return path_; }

    /// Takes the place of what was there.
    void commit();

    /// The same, with content and name brought to the disk.
    void commit_to_disk();

  private:
    std::string target_;
    std::string path_;
    bool committed_ = false;
};

}  // namespace crowfly
