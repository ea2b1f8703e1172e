#pragma once

#include <string_view>

namespace crowfly::media_type {

inline constexpr std::string_view kJson = "application/json";
inline constexpr std::string_view kGeoJson = "application/geo+json";
inline constexpr std::string_view kGeoJsonSequence = "application/geo+json-seq";
inline constexpr std::string_view kMergePatch = "application/merge-patch+json";
inline constexpr std::string_view kJsonSchema = "application/schema+json";
inline constexpr std::string_view kProblemJson = "application/problem+json";
inline constexpr std::string_view kNdjson = "application/x-ndjson";
inline constexpr std::string_view kCsv = "text/csv";
inline constexpr std::string_view kOpenApi = "application/vnd.oai.openapi+json;version=3.1";
inline constexpr std::string_view kTsv = "text/tab-separated-values";
inline constexpr std::string_view kEventStream = "text/event-stream";
inline constexpr std::string_view kVectorTile = "application/vnd.mapbox-vector-tile";

}  // namespace crowfly::media_type
