#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct gzFile_s;  // zlib

namespace crowfly {

/// The bytes of a file or of standard input, unpacked when they are gzip, seen through a window that grows on
/// demand. A byte order mark of UTF-8 at the start is passed over.
///
///     while (input.fill()) ...          // until the window holds a whole record, or nothing more comes
///     use(input.window()); input.consume(n);
class Input {
  public:
    /// "-" is standard input. Throws Error(not_found, permission_denied or io).
    explicit Input(const std::string& path);

    /// The path, or "standard input".
    const std::string& name() const noexcept { return name_; }

    /// Bytes read and not yet consumed. `fill` and `consume` invalidate it.
    std::string_view window() const noexcept { return std::string_view(buffer_).substr(begin_); }

    /// The same bytes, for a parser that unescapes in place what it will consume.
    char* mutable_window() noexcept { return buffer_.data() + begin_; }

    /// Reads more into the window; false at the end. Throws Error(io), or Error(malformed) for a gzip stream
    /// that is damaged or cut short.
    bool fill();

    /// Drops the first `count` bytes of the window.
    void consume(std::size_t count) noexcept { begin_ += count; }

    /// How much of the file has been read, as stored (packed bytes of a gzip file); 0 when unknown.
    std::uint64_t bytes_read() const;

    /// The size of the file as stored; 0 when unknown, as for a pipe.
    std::uint64_t bytes_total() const noexcept { return total_; }

  private:
    struct Closer {
        void operator()(gzFile_s* file) const noexcept;
    };

    std::string name_;
    std::uint64_t total_ = 0;
    std::unique_ptr<gzFile_s, Closer> file_;
    std::string buffer_;
    std::size_t begin_ = 0;
    bool at_start_ = true;
    bool at_end_ = false;
};

}  // namespace crowfly
