#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "formats/value.h"

namespace crowfly {

/// Appends JSON text to a string, and sets the commas. The caller opens and closes what it must.
///
///     JsonWriter json(reply);
///     json.begin_object().key("k").number(10).end_object();
class JsonWriter {
  public:
    explicit JsonWriter(std::string& out) : out_(out) {}

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }

    JsonWriter& key(std::string_view name);

    /// The text must be UTF-8.
    JsonWriter& string(std::string_view text);

    /// A number in the fewest digits that read back as the same double; null when it is not finite.
    JsonWriter& number(double value);

    /// A finite number, rounded to so many decimals.
    JsonWriter& rounded(double value, int decimals);

    template <std::integral Integer>
    JsonWriter& number(Integer value) {
        return integer(static_cast<std::int64_t>(value));
    }
    JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
    JsonWriter& null() { return raw("null"); }
    JsonWriter& value(const Value& value);

    /// A string, or null when it is empty.
    JsonWriter& string_or_null(std::string_view text) { return text.empty() ? null() : string(text); }

    /// Text that is JSON already.
    JsonWriter& raw(std::string_view json);

  private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    JsonWriter& integer(std::int64_t value);
    void separate();
    void quote(std::string_view text);

    std::string& out_;
    bool comma_due_ = false;
};

}  // namespace crowfly
