#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "formats/place_reader.h"
#include "service/http.h"
#include "service/query_parameters.h"

namespace crowfly {

/// In what the rows of an answer are streamed.
enum class RowFormat {
    ndjson,   ///< a JSON object a line
    csv,      ///< RFC 4180, with a header line
    geojson,  ///< a FeatureCollection
};

std::string_view media_type_of(RowFormat format) noexcept;

/// What the client wants: by the parameter `f` (ndjson, csv, geojson) or, without it, the first media type of
/// its Accept field that is offered. Without a wish it is the first that is offered. Nothing when all that it
/// would take is not; a parameter that is none of these is a fault.
std::optional<RowFormat> wanted_format(QueryParameters& parameters, const HttpRequest& request,
                                       std::span<const RowFormat> offered);

/// The reply, 406, to who wants something else.
HttpResponse not_acceptable(std::span<const RowFormat> offered);

/// The format of places that a Content-Type stands for: GeoJSON, lines of it, CSV or TSV.
std::optional<PlaceFormat> format_of_content(std::string_view content_type);

/// The reply, 415, to a body of another one.
HttpResponse unsupported_content(std::string_view content_type);

}  // namespace crowfly
