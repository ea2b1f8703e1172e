#include "store/embedded/row_record.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/error.h"
#include "formats/text.h"

namespace crowfly {
namespace {

enum class Kind : char { absent, no, yes, integer, real, text };

constexpr std::size_t kNumberSize = 8;

void append_size(std::size_t size, std::string& out) {
    for (; size >= 0x80; size >>= 7) out += static_cast<char>(size | 0x80);
    out += static_cast<char>(size);
}

std::size_t read_size(const char*& at) noexcept {
    std::size_t size = 0;
    for (int shift = 0;; shift += 7) {
        const auto byte = static_cast<unsigned char>(*at++);
        size |= static_cast<std::size_t>(byte & 0x7F) << shift;
        if (byte < 0x80) return size;
    }
}

void append_text(std::string_view text, std::string& out) {
    append_size(text.size(), out);
    out += text;
}

std::string_view read_text(const char*& at) noexcept {
    const std::size_t size = read_size(at);
    const std::string_view text(at, size);
    at += size;
    return text;
}

template <class T>
void append_number(Kind kind, T number, std::string& out) {
    static_assert(sizeof(T) == kNumberSize);
    out += static_cast<char>(kind);
    out.append(reinterpret_cast<const char*>(&number), kNumberSize);
}

template <class T>
T read_number(const char*& at) noexcept {
    T number;
    std::memcpy(&number, at, kNumberSize);
    at += kNumberSize;
    return number;
}

void append_value(const Value& value, std::string& out) {
    if (const auto* flag = std::get_if<bool>(&value)) {
        out += static_cast<char>(*flag ? Kind::yes : Kind::no);
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        append_number(Kind::integer, *integer, out);
    } else if (const auto* real = std::get_if<double>(&value)) {
        append_number(Kind::real, *real, out);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        out += static_cast<char>(Kind::text);
        append_text(*text, out);
    } else {
        out += static_cast<char>(Kind::absent);
    }
}

cql2::ValueView read_value(const char*& at) noexcept {
    switch (static_cast<Kind>(*at++)) {
        case Kind::no:
            return false;
        case Kind::yes:
            return true;
        case Kind::integer:
            return read_number<std::int64_t>(at);
        case Kind::real:
            return read_number<double>(at);
        case Kind::text:
            return read_text(at);
        case Kind::absent:
            break;
    }
    return {};
}

Value owned(const cql2::ValueView& view) {
    return std::visit(
        [](const auto& value) -> Value {
            if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string_view>) {
                return std::string(value);
            } else {
                return value;
            }
        },
        view);
}

[[noreturn]] void throw_corrupt(std::string_view what) {
    throw Error(Code::corrupt, "a row's record " + std::string(what));
}

/// Reads what may be anything.
class CheckedReader {
  public:
    explicit CheckedReader(std::string_view bytes) : rest_(bytes) {}

    std::size_t left() const noexcept { return rest_.size(); }

    unsigned char byte() { return static_cast<unsigned char>(take(1).front()); }

    std::string_view take(std::size_t count) {
        if (count > rest_.size()) throw_corrupt("ends too soon");
        const std::string_view taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }

    void text() {
        const std::string_view fault = text_fault(take(size()));
        if (!fault.empty()) throw_corrupt(fault);
    }

    void value() {
        switch (static_cast<Kind>(byte())) {
            case Kind::absent:
            case Kind::no:
            case Kind::yes:
                return;
            case Kind::integer:
            case Kind::real:
                take(kNumberSize);
                return;
            case Kind::text:
                return text();
        }
        throw_corrupt("has a value of no known kind");
    }

  private:
    std::size_t size() {
        constexpr int kLongest = 28;  // no text is longer than SQLite allows
        std::size_t size = 0;
        for (int shift = 0; shift <= kLongest; shift += 7) {
            const unsigned char next = byte();
            size |= static_cast<std::size_t>(next & 0x7F) << shift;
            if (next < 0x80) return size;
        }
        throw_corrupt("has a text that is too long");
    }

    std::string_view rest_;
};

}  // namespace

RowRecord::RowRecord(const char* bytes) noexcept : begin_(bytes), has_more_(*bytes != 0) {
    const char* at = bytes + 1;
    id_ = read_text(at);
}

std::string_view RowRecord::name() const noexcept {
    const char* at = id_.data() + id_.size();
    return read_text(at);
}

std::string_view RowRecord::bytes(std::size_t hot_count) const noexcept {
    return {begin_, static_cast<std::size_t>(value_at(hot_count) - begin_)};
}

/// Where the value of that number begins, or where the last one ends.
const char* RowRecord::value_at(std::size_t hot) const noexcept {
    const std::string_view name = this->name();
    const char* at = name.data() + name.size();
    for (std::size_t i = 0; i < hot; ++i) {
        switch (static_cast<Kind>(*at++)) {
            case Kind::integer:
            case Kind::real:
                at += kNumberSize;
                break;
            case Kind::text:
                read_text(at);
                break;
            default:
                break;
        }
    }
    return at;
}

cql2::ValueView RowRecord::value(std::size_t hot) const noexcept {
    const char* at = value_at(hot);
    return read_value(at);
}

void RowRecord::append_values(std::span<const Attribute> hot, Place& place) const {
    const std::string_view name = this->name();
    const char* at = name.data() + name.size();
    for (const Attribute& attribute : hot) {
        Value value = owned(read_value(at));
        if (!std::holds_alternative<std::monostate>(value))
            place.properties.push_back({attribute.name, std::move(value)});
    }
}

void append_row_record(const Place& place, std::span<const Attribute> hot, bool has_more, std::string& out) {
    out += has_more ? '\1' : '\0';
    append_text(place.id, out);
    append_text(place.name, out);
    for (const Attribute& attribute : hot) {
        const auto given =
            std::find_if(place.properties.begin(), place.properties.end(),
                         [&](const Property& property) { return property.name == attribute.name; });
        append_value(given == place.properties.end() ? Value() : given->value, out);
    }
}

std::size_t checked_record_size(std::string_view bytes, std::size_t hot_count) {
    CheckedReader reader(bytes);
    if (reader.byte() > 1) throw_corrupt("has unknown flags");
    reader.text();
    reader.text();
    for (std::size_t i = 0; i < hot_count; ++i) reader.value();
    return bytes.size() - reader.left();
}

}  // namespace crowfly
