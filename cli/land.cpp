#include "cli/land.h"

#include <string>
#include <string_view>

#include <zlib.h>

#include "cli/land_data.h"
#include "core/error.h"
#include "formats/wkt.h"

namespace crowfly {
namespace {

std::string unpacked(std::span<const unsigned char> packed) {
    z_stream stream{};
    constexpr int kGzip = 16 + MAX_WBITS;
    if (inflateInit2(&stream, kGzip) != Z_OK)
        throw Error(Code::out_of_memory, "no memory for the land outline");
    stream.next_in = const_cast<unsigned char*>(packed.data());
    stream.avail_in = static_cast<unsigned>(packed.size());
    std::string text;
    int result = Z_OK;
    while (result == Z_OK) {
        const std::size_t held = text.size();
        text.resize(held + (256U << 10U));
        stream.next_out = reinterpret_cast<unsigned char*>(text.data() + held);
        stream.avail_out = static_cast<unsigned>(text.size() - held);
        result = inflate(&stream, Z_NO_FLUSH);
        text.resize(text.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    if (result != Z_STREAM_END) throw Error(Code::internal, "the land outline cannot be unpacked");
    return text;
}

}  // namespace

std::vector<Geometry> land_outline() {
    const std::string text = unpacked(kPackedLand);
    std::vector<Geometry> land;
    std::size_t begin = text.find('\n') + 1;  // after the header
    for (std::size_t end; (end = text.find('\n', begin)) != text.npos; begin = end + 1) {
        const std::string_view line = std::string_view(text).substr(begin, end - begin);
        land.push_back(parse_wkt(line.substr(line.find('\t') + 1)));
    }
    return land;
}

}  // namespace crowfly
