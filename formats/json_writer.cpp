#include "formats/json_writer.h"

#include <charconv>
#include <cmath>

namespace crowfly {
namespace {

template <class... Arguments>
void append_chars(std::string& out, Arguments... arguments) {
    // Enough for the longest: 309 digits before the point, and some decimals.
    char digits[352];
    const auto result = std::to_chars(digits, digits + sizeof(digits), arguments...);
    out.append(digits, result.ptr);
}

}  // namespace

void JsonWriter::separate() {
    if (comma_due_) out_ += ',';
    comma_due_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    out_ += bracket;
    comma_due_ = false;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    out_ += bracket;
    comma_due_ = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    quote(name);
    out_ += ':';
    comma_due_ = false;
    return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
    separate();
    quote(text);
    return *this;
}

JsonWriter& JsonWriter::number(double value) {
    if (!std::isfinite(value)) return null();
    separate();
    // Written out, a whole number beyond 64 bits would be one that many readers refuse.
    constexpr double kWholeNumbers = 9007199254740992.0;  // 2^53
    if (std::abs(value) < kWholeNumbers) {
        append_chars(out_, value);
    } else {
        append_chars(out_, value, std::chars_format::scientific);
    }
    return *this;
}

JsonWriter& JsonWriter::rounded(double value, int decimals) {
    separate();
    append_chars(out_, value, std::chars_format::fixed, decimals);
    return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
    separate();
    append_chars(out_, value);
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

JsonWriter& JsonWriter::value(const Value& value) {
    struct Visitor {
        JsonWriter& json;
        void operator()(std::monostate) const { json.null(); }
        void operator()(bool flag) const { json.boolean(flag); }
        void operator()(std::int64_t integer) const { json.number(integer); }
        void operator()(double real) const { json.number(real); }
        void operator()(const std::string& text) const { json.string(text); }
        void operator()(const Json& nested) const { json.raw(nested.text); }
    };
    std::visit(Visitor{*this}, value);
    return *this;
}

void JsonWriter::quote(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out_ += '"';
    std::size_t plain = 0;  // start of the run that needs no escape
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
        out_.append(text.substr(plain, i - plain));
        plain = i + 1;
        switch (byte) {
            case '"':
                out_ += "\\\"";
                break;
            case '\\':
                out_ += "\\\\";
                break;
            case '\n':
                out_ += "\\n";
                break;
            case '\r':
                out_ += "\\r";
                break;
            case '\t':
                out_ += "\\t";
                break;
            default:
                out_ += "\\u00";
                out_ += kHex[byte >> 4U];
                out_ += kHex[byte & 0xFU];
        }
    }
    out_.append(text.substr(plain));
    out_ += '"';
}

}  // namespace crowfly
