#include "store/place_spool.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <span>
#include <type_traits>
#include <variant>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/error.h"
#include "core/files.h"
#include "formats/wkb.h"

namespace crowfly {
namespace {

constexpr std::size_t kBuffer = 1U << 20U;

// A record is its length, then id, name, category, geometry and properties. Nobody but this program ever
// reads it, so that numbers are as they are in memory.

template <class Number>
void put(std::string& out, Number number) {
    std::array<char, sizeof(Number)> bytes{};
    std::memcpy(bytes.data(), &number, sizeof number);
    out.append(bytes.data(), bytes.size());
}

void put_text(std::string& out, std::string_view text) {
    put(out, std::uint64_t{text.size()});
    out += text;
}

void put_geometry(std::string& out, const Place& place) {
    put(out, place.position);
    if (place.shape == nullptr) return put(out, std::uint64_t{0});
    const std::vector<std::byte> wkb = encode_wkb(*place.shape);
    put_text(out, {reinterpret_cast<const char*>(wkb.data()), wkb.size()});
}

void put_value(std::string& out, const Value& value) {
    put(out, static_cast<std::uint8_t>(value.index()));
    std::visit(
        [&](const auto& held) {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, std::string>) {
                put_text(out, held);
            } else if constexpr (std::is_same_v<Held, Json>) {
                put_text(out, held.text);
            } else if constexpr (!std::is_same_v<Held, std::monostate>) {
                put(out, held);
            }
        },
        value);
}

/// Takes what was put.
class Record {
  public:
    explicit Record(std::string_view bytes) : bytes_(bytes) {}

    template <class Number>
    Number take() {
        Number number{};
        std::memcpy(&number, bytes_.data(), sizeof number);
        bytes_.remove_prefix(sizeof number);
        return number;
    }

    std::string_view take_text() {
        const auto size = take<std::uint64_t>();
        const std::string_view text = bytes_.substr(0, size);
        bytes_.remove_prefix(size);
        return text;
    }

    void take_geometry(Place& place) {
        place.position = take<LonLat>();
        place.has_geometry = true;
        place.shape.reset();
        const std::string_view wkb = take_text();
        if (wkb.empty()) return;
        place.shape = std::make_shared<const Geometry>(parse_wkb(std::as_bytes(std::span(wkb))));
    }

    Value take_value() {
        switch (take<std::uint8_t>()) {
            case 1:
                return take<bool>();
            case 2:
                return take<std::int64_t>();
            case 3:
                return take<double>();
            case 4:
                return std::string(take_text());
            case 5:
                return Json{std::string(take_text())};
            default:
                return {};
        }
    }

  private:
    std::string_view bytes_;
};

static_assert(std::is_same_v<std::variant_alternative_t<1, Value>, bool> &&
              std::is_same_v<std::variant_alternative_t<2, Value>, std::int64_t> &&
              std::is_same_v<std::variant_alternative_t<3, Value>, double> &&
              std::is_same_v<std::variant_alternative_t<4, Value>, std::string> &&
              std::is_same_v<std::variant_alternative_t<5, Value>, Json> && std::variant_size_v<Value> == 6);

}  // namespace

PlaceSpool::PlaceSpool(const std::string& directory) : directory_(directory) {
    std::string path = directory + "/.crowfly-import-XXXXXX";
    descriptor_ = ::mkostemp(path.data(), O_CLOEXEC);
    if (descriptor_ < 0) fail("no file can be made there for what is imported", errno);
    ::unlink(path.c_str());
}

PlaceSpool::~PlaceSpool() {
    ::close(descriptor_);
}

void PlaceSpool::fail(std::string_view what, int error) const {
    throw Error(code_of_errno(error), fmt::format("{}: {}: {}", directory_, what, std::strerror(error)));
}

void PlaceSpool::add(const Place& place) {
    const std::size_t begin = bytes_.size();
    put(bytes_, std::uint64_t{0});
    put_text(bytes_, place.id);
    put_text(bytes_, place.name);
    put_text(bytes_, place.category);
    put_geometry(bytes_, place);
    put(bytes_, std::uint64_t{place.properties.size()});
    for (const Property& property : place.properties) {
        put_text(bytes_, property.name);
        put_value(bytes_, property.value);
    }
    const std::uint64_t length = bytes_.size() - begin - sizeof(std::uint64_t);
    std::memcpy(bytes_.data() + begin, &length, sizeof length);
    ++size_;
    if (bytes_.size() >= kBuffer) flush();
}

void PlaceSpool::flush() {
    for (std::size_t written = 0; written < bytes_.size();) {
        const ssize_t count = ::write(descriptor_, bytes_.data() + written, bytes_.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("what is imported cannot be put by", errno);
        written += static_cast<std::size_t>(count);
    }
    bytes_.clear();
}

/// Reads more behind what is there; false at the end.
bool PlaceSpool::fill() {
    bytes_.erase(0, begin_);
    begin_ = 0;
    const std::size_t held = bytes_.size();
    bytes_.resize(held + kBuffer);
    ssize_t count = -1;
    do {
        count = ::pread(descriptor_, bytes_.data() + held, kBuffer, static_cast<off_t>(offset_));
    } while (count < 0 && errno == EINTR);
    if (count < 0) fail("what is imported cannot be read again", errno);
    bytes_.resize(held + static_cast<std::size_t>(count));
    offset_ += static_cast<std::uint64_t>(count);
    return count > 0;
}

void PlaceSpool::rewind() {
    if (!reading_) flush();
    reading_ = true;
    bytes_.clear();
    begin_ = 0;
    offset_ = 0;
    read_ = 0;
}

bool PlaceSpool::next(Place& place) {
    if (read_ == size_) return false;
    const auto have = [this](std::size_t count) {
        while (bytes_.size() - begin_ < count) {
            if (!fill()) fail("what was put by has been cut short", EIO);
        }
    };
    std::uint64_t length = 0;
    have(sizeof length);
    std::memcpy(&length, bytes_.data() + begin_, sizeof length);
    have(sizeof length + length);
    Record record(std::string_view(bytes_).substr(begin_ + sizeof length, length));
    place.id = record.take_text();
    place.name = record.take_text();
    place.category = record.take_text();
    record.take_geometry(place);
    place.properties.resize(record.take<std::uint64_t>());
    for (Property& property : place.properties) {
        property.name = record.take_text();
        property.value = record.take_value();
    }
    begin_ += sizeof length + length;
    ++read_;
    return true;
}

}  // namespace crowfly
