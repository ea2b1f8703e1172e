#include "formats/csv_reader.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.h"
#include "formats/text.h"
#include "formats/wkt.h"

namespace crowfly {

CsvReader::CsvReader(Input input, char delimiter, const ReadOptions& options, Rejects& rejects)
    : StreamReader(std::move(input), options, rejects),
      records_(input_, options.delimiter.value_or(delimiter)) {
    if (!records_.next()) throw Error(Code::malformed, input_.name() + ": is empty; expected a header line");
    const auto fail = [this](const std::string& what) {
        throw Error(Code::malformed, fmt::format("{}:{}: {}", input_.name(), records_.line(), what));
    };
    if (!records_.fault().empty()) fail("the header line: " + records_.fault());
    for (const std::string_view field : records_.fields()) {
        if (!text_fault(field).empty()) fail(fmt::format("the header line {}", text_fault(field)));
    }
    for (const std::string_view field : records_.fields()) header_.emplace_back(trimmed(field));
    std::vector<std::string> sorted = header_;
    std::sort(sorted.begin(), sorted.end());
    const auto twin = std::adjacent_find(sorted.begin(), sorted.end());
    if (twin != sorted.end()) {
        fail(fmt::format("two columns are called \"{}\"", *twin));
    }
    find_columns();
}

/// The column called `wanted`, or when that is empty the first one that has a usual name.
CsvReader::Column CsvReader::find(std::string_view wanted,
                                  std::initializer_list<std::string_view> usual) const {
    const auto named = [this](std::string_view name, auto&& equal) -> Column {
        const auto at = std::find_if(header_.begin(), header_.end(),
                                     [&](const std::string& column) { return equal(column, name); });
        if (at == header_.end()) return std::nullopt;
        return static_cast<std::size_t>(at - header_.begin());
    };
    if (!wanted.empty()) {
        if (const Column exact = named(wanted, std::equal_to<std::string_view>())) return exact;
        throw Error(Code::invalid_argument, fmt::format("{}: there is no column \"{}\"; the header has: {}",
                                                        input_.name(), wanted, fmt::join(header_, ", ")));
    }
    for (const std::string_view name : usual) {
        if (const Column column = named(name, equal_ignoring_case)) return column;
    }
    return std::nullopt;
}

void CsvReader::find_columns() {
    const ColumnNames& wanted = options_.columns;
    id_ = find(wanted.id, {"id"});
    name_ = find(wanted.name, {"name"});
    category_ = find(wanted.category, {"category"});
    lon_ = find(wanted.lon, {"lon", "lng", "longitude", "x"});
    lat_ = find(wanted.lat, {"lat", "latitude", "y"});
    geometry_ = find(wanted.geometry, {"wkt", "geometry", "geom", "the_geom"});
    const bool wants_pair = !wanted.lon.empty() || !wanted.lat.empty();
    if (lon_ && lat_ && (wanted.geometry.empty() || wants_pair)) {
        geometry_.reset();
    } else if (geometry_ && !wants_pair) {
        lon_.reset();
        lat_.reset();
    } else {
        throw Error(
            Code::invalid_argument,
            fmt::format(
                "{}: no columns for a position; expected longitude (lon, lng, longitude, x) and latitude "
                "(lat, latitude, y), or geometries as WKT (wkt, geometry, geom, the_geom), or columns mapped "
                "by "
                "name; the header has: {}",
                input_.name(), fmt::join(header_, ", ")));
    }
    const Column mapped[] = {id_, name_, category_, lon_, lat_, geometry_};
    for (std::size_t column = 0; column < header_.size(); ++column) {
        if (std::find(std::begin(mapped), std::end(mapped), Column(column)) == std::end(mapped) &&
            wants_property(header_[column])) {
            properties_.push_back(column);
        }
    }
}

std::string CsvReader::describe(std::string_view member) const {
    if (member.empty()) return {};
    // Members that a consumer refuses are those of a place; their column may be called otherwise.
    const Column mapped = member == "id"         ? id_
                          : member == "name"     ? name_
                          : member == "category" ? category_
                                                 : std::nullopt;
    const auto at = mapped ? header_.begin() + static_cast<std::ptrdiff_t>(*mapped)
                           : std::find(header_.begin(), header_.end(), member);
    if (at == header_.end()) return std::string(member);
    return fmt::format("column {} ({})", at - header_.begin() + 1, *at);
}

/// Judges that the record has a field for each column.
void CsvReader::require_whole() const {
    if (!records_.fault().empty()) throw RowFault{"", records_.fault()};
    const std::size_t count = records_.fields().size();
    if (count == header_.size()) return;
    if (count < header_.size() && records_.ends_the_file()) {
        throw RowFault{header_[count - 1],
                       fmt::format("the file ends in the middle of the row, after {} of {} fields", count,
                                   header_.size())};
    }
    throw RowFault{"", fmt::format("has {} fields; the header has {}", count, header_.size())};
}

void CsvReader::require_text() const {
    if (text_fault(records_.text()).empty()) return;
    for (std::size_t column = 0; column < header_.size(); ++column) {
        const std::string_view fault = text_fault(records_.fields()[column]);
        if (!fault.empty()) throw RowFault{header_[column], std::string(fault)};
    }
}

void CsvReader::convert(Place& place) {
    require_whole();
    require_text();
    if (geometry_) {
        read_wkt(place);
    } else {
        read_position(place);
    }
    place.id = field(id_);
    place.name = field(name_);
    place.category = field(category_);
    for (const std::size_t column : properties_) {
        const std::string_view text = records_.fields()[column];
        if (!text.empty()) add_property(place, header_[column], std::string(text));
    }
}

double CsvReader::coordinate(std::size_t column) const {
    const std::string_view text = records_.fields()[column];
    if (trimmed(text).empty()) throw RowFault{header_[column], "is empty; expected a number"};
    const std::optional<double> number = parse_double(text);
    if (!number) throw RowFault{header_[column], fmt::format("\"{}\" is not a finite number", text)};
    return *number;
}

void CsvReader::read_position(Place& place) const {
    if (options_.keep_without_geometry && trimmed(field(lon_)).empty() && trimmed(field(lat_)).empty())
        return place.remove_geometry();
    place.position = {coordinate(*lon_), coordinate(*lat_)};
    if (const auto fault = coordinate_fault(place.position, options_.crs))
        throw RowFault{header_[fault->axis == Axis::lon ? *lon_ : *lat_], fault->message};
}

void CsvReader::read_wkt(Place& place) const {
    const std::string& column = header_[*geometry_];
    const std::string_view text = field(geometry_);
    if (trimmed(text).empty())
        return set_no_geometry(place, column, "is empty; expected WKT, such as POINT (x y)");
    // Tables of points are long: no Geometry is built for each. An empty one goes the long way.
    const bool is_point = equal_ignoring_case(text.substr(0, 5), "POINT") &&
                          !(options_.keep_without_geometry && text.find_first_of("yY") != text.npos);
    try {
        if (!is_point) return set_geometry(place, parse_wkt(text), column);
        place.position = parse_wkt_point(text);
    } catch (const Error& error) {
        throw RowFault{column, error.what()};
    }
    set_position(place, place.position, column);
}

}  // namespace crowfly
