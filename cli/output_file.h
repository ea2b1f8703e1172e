#pragma once

#include <optional>
#include <string>
#include <string_view>

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

  private:
    std::string target_;
    std::string path_;
    bool committed_ = false;
};

/// Bytes to a file, which is whole or absent; or, for "-" and what is no regular file, straight to where they
/// go. What failed throws Error(io) that names the file.
class OutputFile {
  public:
    /// Throws as PendingFile does.
    explicit OutputFile(const std::string& path);
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    ~OutputFile();

    void write(std::string_view bytes);

    /// Nothing can be written any more.
    void commit();

  private:
    std::string name_;
    std::optional<PendingFile> pending_;
    int descriptor_ = -1;
};

}  // namespace crowfly
