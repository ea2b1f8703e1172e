#include "formats/csv_records.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.h"

namespace crowfly {

bool CsvRecords::next() {
    input_.consume(record_size_);
    for (bool at_end = false;;) {
        record_size_ = 0;
        if (input_.window().empty() && at_end) return false;
        const Parse outcome = parse(input_.window(), at_end);
        const bool too_long = input_.window().size() > kLongestRecord;
        if (outcome == Parse::unclosed_quote)
            fail(fmt::format("field {}: the file ends within its quotes, which are never closed",
                             spans_.size() + 1));
        if (outcome == Parse::needs_more && too_long) {
            fail("the record is longer than 256 MiB; is a quoted field never closed?");
        }
        if (outcome == Parse::needs_more) {
            at_end = !read_more();
            continue;
        }
        const std::string_view record = input_.window().substr(0, record_size_);
        record_line_ = next_line_;
        next_line_ += static_cast<std::uint64_t>(std::count(record.begin(), record.end(), '\n'));
        const bool blank = spans_.size() == 1 && record.find_first_not_of("\r\n") == std::string_view::npos;
        if (!blank) break;
        input_.consume(record_size_);
    }
    materialise();
    return true;
}

/// The parse of a record starts over with what comes, so a long one is read in pieces that grow with it.
bool CsvRecords::read_more() {
    const std::size_t held = input_.window().size();
    do {
        if (!input_.fill()) return false;
    } while (input_.window().size() < 2 * held);
    return true;
}

void CsvRecords::fail(std::string_view what) const {
    throw Error(Code::malformed, fmt::format("{}:{}: {}", input_.name(), next_line_, what));
}

/// Marks the fields of the record that starts the window. Nothing is changed, so that the parse can start
/// over when the window holds only a part of it.
CsvRecords::Parse CsvRecords::parse(std::string_view window, bool at_end) {
    spans_.clear();
    fault_.clear();
    for (std::size_t at = 0;;) {
        if (at < window.size() && window[at] == '"' && is_quoted(window, at)) {
            const Parse outcome = parse_quoted(window, at_end, at);
            if (outcome != Parse::complete) return outcome;
        } else if (!parse_plain(window, at_end, at)) {
            return Parse::needs_more;
        }
        if (at == window.size() || window[at] == '\n') {
            ends_the_file_ = at == window.size();
            record_size_ = std::min(at + 1, window.size());
            return Parse::complete;
        }
        ++at;
    }
}

/// Whether the quote at `at`, the first byte of a field, opens a quoted field. Between tabs quotes are mostly
/// just text, so there one must close the field on its own line.
bool CsvRecords::is_quoted(std::string_view window, std::size_t at) const {
    if (delimiter_ != '\t') return true;
    const std::string_view line = window.substr(at, window.find('\n', at) - at);
    for (std::size_t quote = line.find('"', 1); quote != std::string_view::npos;
         quote = line.find('"', quote + 1)) {
        const char after = quote + 1 < line.size() ? line[quote + 1] : '\n';
        if (after != '"') return after == '\t' || after == '\r' || after == '\n';
        ++quote;
    }
    return false;
}

/// Moves `at` from the start of a plain field to the delimiter or line feed that ends it, or to the end of
/// the input.
bool CsvRecords::parse_plain(std::string_view window, bool at_end, std::size_t& at) {
    const std::size_t begin = at;
    while (at < window.size() && window[at] != delimiter_ && window[at] != '\n') ++at;
    if (at == window.size() && !at_end) return false;
    std::size_t end = at;
    const bool ends_line = at == window.size() || window[at] == '\n';
    if (ends_line && end > begin && window[end - 1] == '\r') --end;
    spans_.push_back({begin, end, false});
    return true;
}

CsvRecords::Parse CsvRecords::parse_quoted(std::string_view window, bool at_end, std::size_t& at) {
    const std::size_t begin = ++at;
    bool has_doubled_quotes = false;
    for (;;) {
        at = window.find('"', at);
        if (at == std::string_view::npos) return at_end ? Parse::unclosed_quote : Parse::needs_more;
        if (at + 1 == window.size() && !at_end) return Parse::needs_more;
        if (at + 1 == window.size() || window[at + 1] != '"') break;
        has_doubled_quotes = true;
        at += 2;
    }
    const std::size_t end = at++;
    const std::size_t after = at;
    if (!parse_plain(window, at_end, at)) return Parse::needs_more;
    if (spans_.back().end > after) {
        fault_ = fmt::format("field {} has text after its closing quote", spans_.size());
    }
    spans_.back() = {begin, end, has_doubled_quotes};
    return Parse::complete;
}

void CsvRecords::materialise() {
    fields_.clear();
    unescaped_.clear();
    unescaped_.reserve(record_size_);  // so that no field moves while they are made
    const std::string_view text = input_.window();
    for (const Field& field : spans_) {
        const std::string_view quoted = text.substr(field.begin, field.end - field.begin);
        fields_.push_back(field.has_doubled_quotes ? unescaped(quoted) : quoted);
    }
}

/// With each two quotes as one. The record itself stays as it was read.
std::string_view CsvRecords::unescaped(std::string_view quoted) {
    const std::size_t begin = unescaped_.size();
    for (std::size_t at = 0; at < quoted.size(); ++at) {
        unescaped_ += quoted[at];
        if (quoted[at] == '"') ++at;
    }
    return std::string_view(unescaped_).substr(begin);
}

}  // namespace crowfly
