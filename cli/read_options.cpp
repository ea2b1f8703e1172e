#include "cli/read_options.h"

#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "cli/progress.h"
#include "core/error.h"

namespace crowfly {

void ReadFlags::add_to(CLI::App& command, const std::string& side) {
    const std::string group =
        side.empty() ? "Reading files" : "Reading the " + side + " side, when it differs";
    const auto add = [&](const char* name, std::string& value, const std::string& what) {
        return command.add_option("--" + (side.empty() ? "" : side + "-") + name, value, what)->group(group);
    };
    add("input-format", format,
        "Format of the input: csv, tsv, geojson, ndjson or gdal (default: by its name)")
        ->check(CLI::IsMember({"csv", "tsv", "geojson", "ndjson", "gdal"}));
    add("delimiter", delimiter, "Character between the fields of delimited text");
    add("crs", crs,
        "Reference system of the coordinates: EPSG:4326 (longitude, latitude; a layer in another one is "
        "converted) or planar (as they stand)");
    add("layer", layer, "Layer of a GeoPackage, Shapefile or FlatGeobuf");
    add("id-column", columns.id, "Column or property that holds the id");
    add("name-column", columns.name, "Column or property that holds the name");
    add("category-column", columns.category, "Column or property that holds the category");
    add("lon-column", columns.lon, "Column that holds the longitude, or x");
    add("lat-column", columns.lat, "Column that holds the latitude, or y");
    add("geometry-column", columns.geometry, "Column that holds geometries as WKT");
}

ReadFlags ReadFlags::over(const ReadFlags& others) const {
    const auto pick = [](const std::string& first, const std::string& second) {
        return first.empty() ? second : first;
    };
    return {.format = pick(format, others.format),
            .delimiter = pick(delimiter, others.delimiter),
            .crs = pick(crs, others.crs),
            .layer = pick(layer, others.layer),
            .columns = {.id = pick(columns.id, others.columns.id),
                        .name = pick(columns.name, others.columns.name),
                        .category = pick(columns.category, others.columns.category),
                        .lon = pick(columns.lon, others.columns.lon),
                        .lat = pick(columns.lat, others.columns.lat),
                        .geometry = pick(columns.geometry, others.columns.geometry)}};
}

std::optional<PlaceFormat> ReadFlags::place_format() const {
    return place_format_named(format);
}

std::optional<Crs> ReadFlags::reference_system() const {
    if (crs.empty()) return std::nullopt;
    if (crs == "EPSG:4326") return Crs::wgs84;
    if (crs == "planar") return Crs::planar;
    throw Error(Code::invalid_argument, fmt::format("--crs \"{}\": expected EPSG:4326 or planar", crs));
}

ReadOptions ReadFlags::options(Crs resolved_crs) const {
    ReadOptions options{.columns = columns, .crs = resolved_crs, .layer = layer};
    if (!delimiter.empty()) {
        const std::string character = delimiter == "\\t" ? "\t" : delimiter;
        if (character.size() != 1 || character == "\"" || character == "\n" || character == "\r") {
            throw Error(Code::invalid_argument,
                        fmt::format("--delimiter \"{}\": expected one character", delimiter));
        }
        options.delimiter = character.front();
    }
    return options;
}

void ReadFlags::require_absent(const std::string& source) const {
    const std::pair<const char*, const std::string&> flags[] = {{"--input-format", format},
                                                                {"--delimiter", delimiter},
                                                                {"--crs", crs},
                                                                {"--layer", layer},
                                                                {"--id-column", columns.id},
                                                                {"--name-column", columns.name},
                                                                {"--category-column", columns.category},
                                                                {"--lon-column", columns.lon},
                                                                {"--lat-column", columns.lat},
                                                                {"--geometry-column", columns.geometry}};
    for (const auto& [name, value] : flags) {
        if (value.empty()) continue;
        throw Error(Code::invalid_argument,
                    fmt::format("{}: {} is a store; this is for files", name, source));
    }
}

void report(const Rejects& rejects) {
    if (rejects.count() == 0) return;
    for (const Reject& reject : rejects.first()) fmt::print(stderr, "{}\n", reject.message());
    const std::uint64_t silent = rejects.count() - rejects.first().size();
    if (silent > 0) fmt::print(stderr, "... and {} more rows\n", grouped(silent));
}

}  // namespace crowfly
