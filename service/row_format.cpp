#include "service/row_format.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "formats/text.h"
#include "service/media_types.h"
#include "service/problem.h"

namespace crowfly {
namespace {

constexpr std::array<std::pair<std::string_view, RowFormat>, 3> kNames{
    {{"ndjson", RowFormat::ndjson}, {"csv", RowFormat::csv}, {"geojson", RowFormat::geojson}}};

constexpr std::array<std::pair<std::string_view, PlaceFormat>, 11> kContents{{
    {"application/geo+json", PlaceFormat::geojson},
    {"application/vnd.geo+json", PlaceFormat::geojson},
    {"application/json", PlaceFormat::geojson},
    {"application/x-ndjson", PlaceFormat::ndjson},
    {"application/ndjson", PlaceFormat::ndjson},
    {"application/jsonl", PlaceFormat::ndjson},
    {"application/geo+json-seq", PlaceFormat::ndjson},
    {"application/json-seq", PlaceFormat::ndjson},
    {"text/csv", PlaceFormat::csv},
    {"application/csv", PlaceFormat::csv},
    {"text/tab-separated-values", PlaceFormat::tsv},
}};

/// A media type without its parameters, in lower case.
std::string bare_type(std::string_view type) {
    return lower_case(trimmed(type.substr(0, type.find(';'))));
}

bool fits(std::string_view wanted, std::string_view type) {
    if (wanted == "*/*" || wanted == type) return true;
    return wanted.ends_with("/*") && type.starts_with(wanted.substr(0, wanted.size() - 1));
}

/// Whether a media range says of itself that it is not wanted.
bool is_refused(std::string_view range) {
    const std::size_t q = range.find("q=0");
    return q != std::string_view::npos && range.find_first_not_of("0. \t", q + 3) == std::string_view::npos;
}

}  // namespace

std::string_view media_type_of(RowFormat format) noexcept {
    switch (format) {
        case RowFormat::ndjson:
            return media_type::kNdjson;
        case RowFormat::csv:
            return media_type::kCsv;
        case RowFormat::geojson:
            break;
    }
    return media_type::kGeoJson;
}

std::optional<RowFormat> wanted_format(QueryParameters& parameters, const HttpRequest& request,
                                       std::span<const RowFormat> offered) {
    if (const auto given = parameters.text("f")) {
        std::vector<std::string_view> names;
        for (const auto& [name, format] : kNames) {
            if (std::find(offered.begin(), offered.end(), format) == offered.end()) continue;
            if (name == *given) return format;
            names.push_back(name);
        }
        parameters.fault("f",
                         fmt::format("is \"{}\"; expected one of {}", shown(*given), fmt::join(names, ", ")));
        return offered.front();
    }
    std::string_view accept = request.header("Accept");
    if (accept.empty()) return offered.front();
    while (!accept.empty()) {
        const std::string_view range = accept.substr(0, accept.find(','));
        accept.remove_prefix(std::min(range.size() + 1, accept.size()));
        if (is_refused(range)) continue;
        const std::string wanted = bare_type(range);
        for (const RowFormat format : offered) {
            if (fits(wanted, media_type_of(format))) return format;
        }
    }
    return std::nullopt;
}

HttpResponse not_acceptable(std::span<const RowFormat> offered) {
    std::vector<std::string_view> types;
    for (const RowFormat format : offered) types.push_back(media_type_of(format));
    return problem_of_status(406, fmt::format("Accept: there is {}", fmt::join(types, ", ")));
}

std::optional<PlaceFormat> format_of_content(std::string_view content_type) {
    const std::string type = bare_type(content_type);
    for (const auto& [known, format] : kContents) {
        if (known == type) return format;
    }
    return std::nullopt;
}

HttpResponse unsupported_content(std::string_view content_type) {
    return problem_of_status(
        415, fmt::format("Content-Type {}: expected application/geo+json, application/x-ndjson, text/csv or "
                         "text/tab-separated-values",
                         content_type.empty() ? "is missing" : fmt::format("\"{}\"", shown(content_type))));
}

}  // namespace crowfly
