#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/byte_source.h"

struct z_stream_s;  // zlib

namespace crowfly {

/// Unpacks gzip (RFC 1952) as it is read. What follows the last member, and is no member, is passed over.
class Gunzip {
  public:
    /// `begin` is what of the packed bytes has been read from the source already; errors call it `name`.
    Gunzip(ByteSource& source, std::string_view begin, std::string name);
    Gunzip(const Gunzip&) = delete;
    Gunzip& operator=(const Gunzip&) = delete;
    ~Gunzip();

    /// Whether bytes start as gzip does.
    static bool is_gzip(std::string_view bytes) noexcept { return bytes.starts_with("\x1F\x8B"); }

    /// As ByteSource has it. Throws Error(malformed) for a stream that is damaged or cut short.
    std::size_t read(std::span<char> into);

    /// How many packed bytes have been taken from the source, without those that `begin` held.
    std::uint64_t bytes_taken() const noexcept { return taken_; }

  private:
    bool refill();
    bool begin_next_member();

    ByteSource& source_;
    std::string name_;
    std::vector<char> packed_;
    std::unique_ptr<z_stream_s> stream_;
    std::uint64_t taken_ = 0;
    bool within_member_ = true;
};

}  // namespace crowfly
