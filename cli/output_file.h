#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "formats/pending_file.h"

namespace crowfly {

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
