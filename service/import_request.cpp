#include "service/import_request.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/text.h"
#include "service/content_type.h"
#include "service/media_types.h"
#include "service/query_parameters.h"

namespace crowfly {
namespace {

constexpr std::size_t kMostBatchRows = 1'000'000;

PlaceFormat format_of(const HttpRequest& request) {
    const std::string type = media_type_of(request);
    if (type == media_type::kCsv) return PlaceFormat::csv;
    if (type == media_type::kTsv) return PlaceFormat::tsv;
    if (type == media_type::kGeoJson || type == media_type::kJson) return PlaceFormat::geojson;
    if (type == media_type::kNdjson || type == media_type::kGeoJsonSequence) return PlaceFormat::ndjson;
    refuse_media_type(request, {media_type::kCsv, media_type::kTsv, media_type::kGeoJson, media_type::kJson,
                                media_type::kNdjson, media_type::kGeoJsonSequence});
}

/// Packed bytes are known by what they begin with; the field need only not say something else.
void require_known_encoding(const HttpRequest& request) {
    const std::string_view encoding = request.header("Content-Encoding");
    for (const std::string_view known : {"", "identity", "gzip", "x-gzip"}) {
        if (equal_ignoring_case(encoding, known)) return;
    }
    throw StatusError(415,
                      fmt::format("Content-Encoding {} is not taken; expected gzip or none", shown(encoding)),
                      {{"Accept-Encoding", "gzip"}});
}

std::optional<char> delimiter_of(QueryParameters& parameters) {
    const auto text = parameters.text("delimiter");
    if (!text) return std::nullopt;
    const std::string character = *text == "\\t" ? "\t" : *text;
    if (character.size() == 1 && character != "\"" && character != "\n" && character != "\r")
        return character.front();
    parameters.fault("delimiter", fmt::format("is \"{}\"; expected one character", shown(*text)));
    return std::nullopt;
}

/// "size:integer,open:boolean".
std::vector<Attribute> attributes_of(QueryParameters& parameters) {
    const std::string text = parameters.text("attributes").value_or("");
    std::vector<Attribute> attributes;
    for (std::string_view left = text; !left.empty();) {
        const std::string_view one = left.substr(0, left.find(','));
        left.remove_prefix(std::min(one.size() + 1, left.size()));
        const std::size_t colon = std::min(one.rfind(':'), one.size());
        const auto type = attribute_type_named(one.substr(std::min(colon + 1, one.size())));
        if (type) {
            attributes.push_back({std::string(one.substr(0, colon)), *type});
        } else {
            parameters.fault("attributes",
                             fmt::format("has \"{}\"; expected name:type, with boolean, integer, real or "
                                         "text as type, and commas between",
                                         shown(one)));
        }
    }
    return attributes;
}

ReadOptions read_options_of(QueryParameters& parameters) {
    const auto column = [&](std::string_view name) { return parameters.text(name).value_or(""); };
    return {.columns = {.id = column("id_column"),
                        .name = column("name_column"),
                        .category = column("category_column"),
                        .lon = column("lon_column"),
                        .lat = column("lat_column"),
                        .geometry = column("geometry_column")},
            .delimiter = delimiter_of(parameters)};
}

}  // namespace

ImportRequest ImportRequest::of(const HttpRequest& request, const std::string& collection,
                                const Catalog& catalog) {
    ImportRequest wanted{.into = catalog.find(collection)};
    QueryParameters parameters(
        request.query, {"mode", "batch_rows", "on_error", "id_column", "name_column", "category_column",
                        "lon_column", "lat_column", "geometry_column", "delimiter", "create", "attributes"});
    if (parameters.one_of("mode", {"atomic", "batches"}) == "batches")
        wanted.options.mode = ImportMode::batches;
    if (const auto rows = parameters.whole("batch_rows", 1, kMostBatchRows))
        wanted.options.batch_rows = *rows;
    if (parameters.one_of("on_error", {"skip", "abort"}) == "abort") wanted.on_error = OnError::abort;
    wanted.read = read_options_of(parameters);
    const bool creates = parameters.flag("create");
    wanted.schema = {.name = collection, .attributes = attributes_of(parameters)};
    if (wanted.into && !wanted.schema.attributes.empty())
        parameters.fault("attributes", "is for a new collection; this one is there already");
    parameters.finish();
    if (!wanted.into && !creates) catalog.require(collection);
    if (wanted.into)
        wanted.schema = wanted.into->schema();
    else
        require_valid(wanted.schema);
    wanted.format = format_of(request);
    require_known_encoding(request);
    wanted.read.attributes = wanted.schema.attributes;
    wanted.read.crs = wanted.schema.crs;
    return wanted;
}

}  // namespace crowfly
