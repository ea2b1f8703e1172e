#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "formats/byte_source.h"

namespace crowfly {

class Gunzip;

/// Bytes, unpacked when they are gzip, seen through a window that grows on demand. A byte order mark of UTF-8
/// at the start is passed over.
///
///     while (input.fill()) ...          // until the window holds a whole record, or nothing more comes
///     use(input.window()); input.consume(n);
class Input {
  public:
    /// A file; "-" is standard input. Throws Error(not_found, permission_denied or io).
    explicit Input(const std::string& path);

    /// What a source gives; errors call it `name`.
    Input(std::string name, std::unique_ptr<ByteSource> source);

    Input(Input&& other) noexcept;
    Input& operator=(Input&&) = delete;
    ~Input();

    /// The path, "standard input", or the name that was given.
    const std::string& name() const noexcept { return name_; }

    /// Bytes read and not yet consumed. `fill` and `consume` invalidate it.
    std::string_view window() const noexcept { return std::string_view(buffer_).substr(begin_); }

    /// Reads more into the window; false at the end. Throws what the source does, and Error(malformed) for a
    /// gzip stream that is damaged or cut short.
    bool fill();

    /// Drops the first `count` bytes of the window.
    void consume(std::size_t count) noexcept { begin_ += count; }

    /// How much of the source has been read, as it is there (packed bytes of a gzip file).
    std::uint64_t bytes_read() const noexcept;

    /// How much there is, as it is there; 0 when unknown, as for a pipe.
    std::uint64_t bytes_total() const noexcept { return source_->total(); }

  private:
    void read_chunk();
    void look_at_start();

    std::string name_;
    std::unique_ptr<ByteSource> source_;
    std::unique_ptr<Gunzip> unpacked_;  // when it is gzip
    std::string buffer_;
    std::size_t begin_ = 0;
    std::uint64_t bytes_read_ = 0;  // as they are there, up to where it turned out to be gzip
    bool at_start_ = true;
    bool at_end_ = false;
};

}  // namespace crowfly
