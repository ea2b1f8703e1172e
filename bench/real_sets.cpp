#include "bench/real_sets.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/csv_records.h"

namespace crowfly::bench {
namespace {

std::size_t column_named(std::string_view name, const CsvRecords& header, const std::string& file) {
    const auto& fields = header.fields();
    const auto found = std::find(fields.begin(), fields.end(), name);
    if (found == fields.end()) {
        throw Error(Code::malformed, fmt::format("{} has no column '{}'", file, name));
    }
    return static_cast<std::size_t>(found - fields.begin());
}

double number(const CsvRecords& record, std::size_t column, const std::string& file) {
    const auto& fields = record.fields();
    const std::string_view text = column < fields.size() ? fields[column] : std::string_view();
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw Error(Code::malformed,
                    fmt::format("{}, line {}: '{}' is not a number", file, record.line(), text));
    }
    return value;
}

}  // namespace

std::vector<LonLat> positions_of(const std::filesystem::path& file, std::string_view x, std::string_view y,
                                 std::size_t step) {
    Input input(file.string());
    CsvRecords records(input, '\t');
    if (!records.next()) throw Error(Code::malformed, fmt::format("{} is empty", file.string()));
    const std::size_t x_column = column_named(x, records, file.string());
    const std::size_t y_column = column_named(y, records, file.string());
    std::vector<LonLat> positions;
    for (std::size_t row = 0; records.next(); ++row) {
        if (row % step != 0) continue;
        positions.push_back(
            {number(records, x_column, file.string()), number(records, y_column, file.string())});
    }
    return positions;
}

}  // namespace crowfly::bench
