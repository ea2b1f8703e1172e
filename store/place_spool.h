#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/place.h"

namespace crowfly {

/// Places that are put by, in a file that nobody else sees and that ends with the object, however that ends.
/// First all are added, then they are read in the same order, as often as need be.
class PlaceSpool {
  public:
    /// The file is in this directory. Throws Error(io or permission_denied).
    explicit PlaceSpool(const std::string& directory);
    PlaceSpool(const PlaceSpool&) = delete;
    PlaceSpool& operator=(const PlaceSpool&) = delete;
    ~PlaceSpool();

    /// Throws Error(io), as when the disk is full.
    void add(const Place& place);
    std::uint64_t size() const noexcept { return size_; }

    /// The next place is the first again. To be called before reading; nothing can be added any more.
    void rewind();

    /// Overwrites the place with the next one; false at the end. Throws Error(io).
    bool next(Place& place);

  private:
    void flush();
    bool fill();
    [[noreturn]] void fail(std::string_view what, int error) const;

    std::string directory_;
    int descriptor_ = -1;
    std::string bytes_;         // what is to be written, or what has been read
    std::size_t begin_ = 0;     // of what has not been taken of them
    std::uint64_t size_ = 0;    // places
    std::uint64_t read_ = 0;    // places
    std::uint64_t offset_ = 0;  // in the file
    bool reading_ = false;
};

}  // namespace crowfly
