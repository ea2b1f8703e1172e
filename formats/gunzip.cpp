#include "formats/gunzip.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include <fmt/format.h>
#include <zlib.h>

#include "core/error.h"

namespace crowfly {
namespace {

constexpr std::size_t kChunk = 256 * 1024;
constexpr int kGzipWithLargestWindow = 16 + MAX_WBITS;

}  // namespace

Gunzip::Gunzip(ByteSource& source, std::string_view begin, std::string name)
    : source_(source),
      name_(std::move(name)),
      packed_(std::max(kChunk, begin.size())),
      stream_(std::make_unique<z_stream>()) {
    std::copy(begin.begin(), begin.end(), packed_.begin());
    stream_->next_in = reinterpret_cast<Bytef*>(packed_.data());
    stream_->avail_in = static_cast<uInt>(begin.size());
    if (inflateInit2(stream_.get(), kGzipWithLargestWindow) != Z_OK)
        throw Error(Code::out_of_memory, name_ + ": no memory to unpack it");
}

Gunzip::~Gunzip() {
    inflateEnd(stream_.get());
}

/// Puts more packed bytes after those that wait; false at the end.
bool Gunzip::refill() {
    std::memmove(packed_.data(), stream_->next_in, stream_->avail_in);
    const std::size_t got = source_.read(std::span(packed_).subspan(stream_->avail_in));
    stream_->next_in = reinterpret_cast<Bytef*>(packed_.data());
    stream_->avail_in += static_cast<uInt>(got);
    taken_ += got;
    return got > 0;
}

bool Gunzip::begin_next_member() {
    while (stream_->avail_in < 2) {
        if (!refill()) return false;
    }
    if (!is_gzip({reinterpret_cast<const char*>(stream_->next_in), 2})) return false;
    inflateReset(stream_.get());
    within_member_ = true;
    return true;
}

std::size_t Gunzip::read(std::span<char> into) {
    into = into.first(std::min<std::size_t>(into.size(), std::numeric_limits<uInt>::max()));
    stream_->next_out = reinterpret_cast<Bytef*>(into.data());
    stream_->avail_out = static_cast<uInt>(into.size());
    while (stream_->avail_out == into.size()) {
        if (!within_member_ && !begin_next_member()) return 0;
        if (stream_->avail_in == 0 && !refill())
            throw Error(Code::malformed, name_ + ": the gzip stream is cut short");
        const int result = inflate(stream_.get(), Z_NO_FLUSH);
        if (result == Z_STREAM_END) {
            within_member_ = false;
        } else if (result != Z_OK) {
            throw Error(Code::malformed,
                        fmt::format("{}: the gzip stream is damaged ({})", name_,
                                    stream_->msg != nullptr ? stream_->msg : zError(result)));
        }
    }
    return into.size() - stream_->avail_out;
}

}  // namespace crowfly
