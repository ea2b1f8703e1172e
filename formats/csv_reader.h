#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/csv_records.h"
#include "formats/place_reader.h"

namespace crowfly {

/// Places from delimited text with a header line. Columns that are neither mapped nor declared become text
/// properties; an empty field is no property. A file must have longitude and latitude columns or one of
/// geometries as WKT; when it has both, the two columns count, unless a geometry column was asked for by
/// name.
class CsvReader final : public StreamReader {
  public:
    /// Reads the header. Throws as `open_places` does.
    CsvReader(Input input, char delimiter, const ReadOptions& options, Rejects& rejects);

  private:
    using Column = std::optional<std::size_t>;

    bool read_record() override { return records_.next(); }
    void convert(Place& place) override;
    std::uint64_t line() const override { return records_.line(); }
    std::string_view text() const override { return records_.text(); }
    std::string describe(std::string_view member) const override;

    Column find(std::string_view wanted, std::initializer_list<std::string_view> usual) const;
    void find_columns();
    void require_whole() const;
    void require_text() const;
    std::string_view field(Column column) const {
        return column ? records_.fields()[*column] : std::string_view();
    }
    double coordinate(std::size_t column) const;
    void read_position(Place& place) const;
    void read_wkt(Place& place) const;

    CsvRecords records_;
    std::vector<std::string> header_;
    Column id_, name_, category_, lon_, lat_, geometry_;
    std::vector<std::size_t> properties_;  // the columns that are none of the above
};

}  // namespace crowfly
