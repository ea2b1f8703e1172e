#pragma once

#include <string>

#include "formats/byte_source.h"

namespace crowfly {

/// The bytes of a file, or of standard input, as they are.
class FileBytes final : public ByteSource {
  public:
    /// "-" is standard input; `name` is what errors call it. Throws Error(not_found, permission_denied or
    /// io).
    FileBytes(const std::string& path, std::string name);
    ~FileBytes() override;

    /// Throws Error(io), and Error(cancelled) when a signal interrupts the wait.
    std::size_t read(std::span<char> into) override;

    std::uint64_t total() const noexcept override { return total_; }

  private:
    std::string name_;
    int descriptor_;
    std::uint64_t total_ = 0;
};

}  // namespace crowfly
