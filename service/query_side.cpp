#include "service/query_side.h"

#include <unordered_set>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/gunzip.h"
#include "formats/numbered_source.h"

namespace crowfly {
namespace {

constexpr std::string_view kName = "body";

/// Bytes that are in memory.
class Bytes final : public ByteSource {
  public:
    explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

    std::size_t read(std::span<char> into) override {
        const std::size_t count = bytes_.copy(into.data(), into.size());
        bytes_.remove_prefix(count);
        return count;
    }

  private:
    std::string_view bytes_;
};

/// Throws Error(too_large) when that is more than `most` bytes: a few of them can pack very many.
std::string unpacked(std::string_view body, std::size_t most, const Control& control) {
    Input input(std::string(kName), std::make_unique<Bytes>(body));
    while (input.fill()) {
        control.check();
        if (input.window().size() > most) {
            throw Error(Code::too_large,
                        fmt::format("the body has more than {} bytes when it is unpacked", most));
        }
    }
    if (Gunzip::is_gzip(input.window()))
        throw Error(Code::malformed, "the body is packed twice; expected places packed by gzip once");
    return std::string(input.window());
}

}  // namespace

QuerySide read_query_side(std::string_view body, PlaceFormat format, Crs crs, const QuerySideLimits& limits,
                          const Control& control) {
    std::string plain;
    if (Gunzip::is_gzip(body)) body = plain = unpacked(body, limits.bytes, control);
    ReadOptions options{.crs = crs, .heartbeat = [&control] { control.check(); }};
    options.keep_without_geometry = true;
    options.properties.emplace();
    Rejects rejects(OnError::abort);
    const auto reader =
        read_places(Input(std::string(kName), std::make_unique<Bytes>(body)), format, options, rejects);
    NumberedSource places(*reader);
    QuerySide side;
    std::unordered_set<std::string> ids;
    for (Place place; places.next(place);) {
        const std::size_t row = side.size();
        if (row == limits.places) {
            throw Error(Code::too_large,
                        fmt::format("the body has more than {} places; send it in parts", limits.places));
        }
        if (!ids.insert(place.id).second) places.refuse("id", fmt::format("\"{}\" appears twice", place.id));
        if (!place.has_geometry) side.absent.push_back(static_cast<std::uint32_t>(row));
        if (place.shape != nullptr && side.shapes.empty()) side.shapes.resize(row);
        if (place.shape != nullptr || !side.shapes.empty()) side.shapes.push_back(place.shape);
        side.positions.push_back(place.position);
        side.ids.push_back(std::move(place.id));
    }
    for (const auto& shape : side.shapes) side.shape_views.push_back(shape.get());
    return side;
}

}  // namespace crowfly
