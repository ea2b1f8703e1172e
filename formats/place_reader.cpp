#include "formats/place_reader.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/csv_reader.h"
#include "formats/gdal_reader.h"
#include "formats/geojson_reader.h"
#include "formats/text.h"

namespace crowfly {
namespace {

struct Ending {
    std::string_view ending;
    PlaceFormat format;
};

constexpr std::array<Ending, 13> kEndings{{
    {".gpkg", PlaceFormat::gdal},
    {".shp", PlaceFormat::gdal},
    {".fgb", PlaceFormat::gdal},
    {".csv", PlaceFormat::csv},
    {".tsv", PlaceFormat::tsv},
    {".tab", PlaceFormat::tsv},
    {".geojson", PlaceFormat::geojson},
    {".json", PlaceFormat::geojson},
    {".ndjson", PlaceFormat::ndjson},
    {".jsonl", PlaceFormat::ndjson},
    {".geojsonl", PlaceFormat::ndjson},
    {".geojsons", PlaceFormat::ndjson},
    {".geojsonseq", PlaceFormat::ndjson},
}};

}  // namespace

std::optional<PlaceFormat> place_format_named(std::string_view name) noexcept {
    if (name == "csv") return PlaceFormat::csv;
    if (name == "tsv") return PlaceFormat::tsv;
    if (name == "geojson") return PlaceFormat::geojson;
    if (name == "ndjson") return PlaceFormat::ndjson;
    if (name == "gdal") return PlaceFormat::gdal;
    return std::nullopt;
}

std::optional<PlaceFormat> place_format_of(std::string_view path) {
    std::string name = lower_case(path);
    const bool is_packed = name.ends_with(".gz");
    if (is_packed) name.resize(name.size() - 3);
    for (const Ending& known : kEndings) {
        if (name.ends_with(known.ending) && !(is_packed && known.format == PlaceFormat::gdal))
            return known.format;
    }
    return std::nullopt;
}

bool PlaceReader::next(Place& place) {
    constexpr std::uint64_t kBeat = 256;
    while (read_record()) {
        if (++rows_ % kBeat == 0 && options_.heartbeat) options_.heartbeat();
        place.id.clear();
        place.name.clear();
        place.category.clear();
        place.properties.clear();
        place.shape.reset();
        place.has_geometry = true;
        try {
            convert(place);
            return true;
        } catch (const RowFault& fault) {
            refuse(fault.member, fault.reason);
        }
    }
    return false;
}

void PlaceReader::refuse(std::string_view member, const std::string& reason) {
    rejects_.add({name_, line(), describe(member), reason, rejects_.wants_rows() ? row() : std::string()});
}

std::string PlaceReader::row() const {
    std::string_view row = text();
    if (row.ends_with('\n')) row.remove_suffix(1);
    if (row.ends_with('\r')) row.remove_suffix(1);
    return std::string(row.substr(0, Reject::kLongestRow));
}

void PlaceReader::set_geometry(Place& place, Geometry geometry, std::string_view member) const {
    if (geometry.is_empty() && options_.keep_without_geometry) return place.remove_geometry();
    if (auto fault = geometry_fault(geometry, options_.crs))
        throw RowFault{std::string(member), std::move(fault->reason)};
    place.set_geometry(std::move(geometry));
}

void PlaceReader::set_position(Place& place, LonLat position, std::string_view member) const {
    if (const auto fault = coordinate_fault(position, options_.crs))
        throw RowFault{std::string(member), fault->message};
    place.position = position;
}

void PlaceReader::set_no_geometry(Place& place, std::string_view member, std::string reason) const {
    if (!options_.keep_without_geometry) throw RowFault{std::string(member), std::move(reason)};
    place.remove_geometry();
}

bool PlaceReader::wants_property(std::string_view name) const {
    return !options_.properties || std::find(options_.properties->begin(), options_.properties->end(),
                                             name) != options_.properties->end();
}

void PlaceReader::add_property(Place& place, std::string_view name, Value value) const {
    for (const Attribute& attribute : options_.attributes) {
        if (attribute.name != name) continue;
        std::optional<Value> typed = converted(value, attribute.type);
        if (!typed) {
            const auto* text = std::get_if<std::string>(&value);
            throw RowFault{std::string(name),
                           text != nullptr
                               ? fmt::format("\"{}\" is not of type {}", *text, crowfly::name(attribute.type))
                               : fmt::format("is not of type {}", crowfly::name(attribute.type))};
        }
        value = std::move(*typed);
        break;
    }
    place.properties.push_back({std::string(name), std::move(value)});
}

std::unique_ptr<PlaceReader> open_places(const std::string& path, std::optional<PlaceFormat> format,
                                         const ReadOptions& options, Rejects& rejects) {
    if (!format) format = place_format_of(path);
    if (!format) {
        const Input readable(path);  // one that is not there is the better thing to report
        throw Error(
            Code::invalid_argument,
            fmt::format(
                "{}: the format cannot be told from the name; expected one of .csv .tsv .geojson .ndjson "
                "(each also with .gz) .gpkg .shp .fgb, or a format given by name",
                path));
    }
    if (!options.layer.empty() && *format != PlaceFormat::gdal) {
        throw Error(Code::invalid_argument,
                    fmt::format("{}: has no layers, so there is no layer \"{}\"", path, options.layer));
    }
    if (*format == PlaceFormat::gdal) return open_gdal_layer(path, options, rejects);
    return read_places(Input(path), *format, options, rejects);
}

std::unique_ptr<PlaceReader> read_places(Input input, PlaceFormat format, const ReadOptions& options,
                                         Rejects& rejects) {
    switch (format) {
        case PlaceFormat::csv:
            return std::make_unique<CsvReader>(std::move(input), ',', options, rejects);
        case PlaceFormat::tsv:
            return std::make_unique<CsvReader>(std::move(input), '\t', options, rejects);
        case PlaceFormat::geojson:
            return std::make_unique<FeatureCollectionReader>(std::move(input), options, rejects);
        case PlaceFormat::ndjson:
            return std::make_unique<FeatureLinesReader>(std::move(input), options, rejects);
        case PlaceFormat::gdal:
            throw Error(Code::unsupported,
                        input.name() +
                            ": a layer of a GeoPackage, Shapefile or FlatGeobuf is read from a "
                            "file; it cannot be streamed");
    }
    throw Error(Code::internal, "a format without a reader");
}

}  // namespace crowfly
