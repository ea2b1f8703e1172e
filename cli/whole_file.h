#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace crowfly {

/// A file that is there when it is whole: written beside its place, and moved there by `commit`. Without that
/// nothing is left of it. "-" is standard output, which takes everything at once.
class WholeFile {
  public:
    /// Throws Error(not_found), Error(permission_denied) or Error(io).
    explicit WholeFile(std::string path);
    WholeFile(const WholeFile&) = delete;
    WholeFile& operator=(const WholeFile&) = delete;
    ~WholeFile();

    void write(std::string_view text);
    void commit();

  private:
    [[noreturn]] void fail() const;

    std::string path_;
    std::string beside_;
    std::FILE* file_ = nullptr;
};

}  // namespace crowfly
