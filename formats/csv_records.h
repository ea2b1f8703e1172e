#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/input.h"

namespace crowfly {

/// Splits delimited text into records.
///
/// Fields follow RFC 4180: one may stand in double quotes, a quote inside is doubled, and a quoted field may
/// hold delimiters and line breaks. Between tabs, where most writers do not quote, a field counts as quoted
/// only when its quotes close it on the same line; otherwise they are text. Lines end in LF or CRLF; blank
/// lines are passed over.
class CsvRecords {
  public:
    /// A record may take so many bytes; one that is longer is taken for a quote that was never closed.
    static constexpr std::size_t kLongestRecord = 256U << 20U;

    CsvRecords(Input& input, char delimiter) : input_(input), delimiter_(delimiter) {}

    /// Reads the next record; false at the end. Throws Error(malformed) for a quote that is never closed.
    bool next();

    /// The fields of the record, without their quotes; valid until the next call.
    const std::vector<std::string_view>& fields() const noexcept { return fields_; }

    /// All bytes of the record as they were read, its line end included; as long valid as the fields.
    std::string_view text() const noexcept { return input_.window().substr(0, record_size_); }

    /// The line on which the record starts, 1-based.
    std::uint64_t line() const noexcept { return record_line_; }

    /// Whether the file ends with the record, without a line end.
    bool ends_the_file() const noexcept { return ends_the_file_; }

    /// Why the record is not well formed; empty when it is.
    const std::string& fault() const noexcept { return fault_; }

  private:
    struct Field {
        std::size_t begin;
        std::size_t end;
        bool has_doubled_quotes;
    };
    enum class Parse { complete, needs_more, unclosed_quote };

    bool read_more();
    [[noreturn]] void fail(std::string_view what) const;
    bool is_quoted(std::string_view window, std::size_t at) const;
    Parse parse(std::string_view window, bool at_end);
    Parse parse_quoted(std::string_view window, bool at_end, std::size_t& at);
    bool parse_plain(std::string_view window, bool at_end, std::size_t& at);
    void materialise();
    std::string_view unescaped(std::string_view quoted);

    Input& input_;
    char delimiter_;
    std::uint64_t next_line_ = 1;
    std::uint64_t record_line_ = 0;
    bool ends_the_file_ = false;
    std::size_t record_size_ = 0;  // bytes of the window that the record takes, with its line end
    std::vector<Field> spans_;
    std::vector<std::string_view> fields_;
    std::string unescaped_;  // what `fields_` has of fields with doubled quotes
    std::string fault_;
};

}  // namespace crowfly
