#include "service/feature_body.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <simdjson.h>

#include "formats/byte_source.h"
#include "service/request_faults.h"

namespace crowfly {
namespace {

class TextSource final : public ByteSource {
  public:
    explicit TextSource(std::string_view text) : left_(text) {}

    std::size_t read(std::span<char> into) override {
        const std::size_t count = std::min(into.size(), left_.size());
        std::copy_n(left_.data(), count, into.data());
        left_.remove_prefix(count);
        return count;
    }

  private:
    std::string_view left_;
};

std::string detail_of(const Reject& reject) {
    return reject.column.empty() ? reject.reason : fmt::format("{}: {}", reject.column, reject.reason);
}

std::vector<Place> read(std::string_view body, PlaceFormat format, const Schema& schema, bool with_lines) {
    RequestFaults faults;
    Rejects rejects(OnError::skip, [&](const Reject& reject) {
        faults.add({.detail = detail_of(reject), .line = with_lines ? reject.line : 0});
    });
    const ReadOptions options{.attributes = schema.attributes, .crs = schema.crs};
    const auto reader =
        read_places(Input("the body", std::make_unique<TextSource>(body)), format, options, rejects);
    std::vector<Place> places;
    for (Place place; reader->next(place);) {
        if (const auto fault = place_fault(place, schema))
            reader->refuse(fault->member, fault->reason);
        else
            places.push_back(place);
    }
    faults.finish();
    return places;
}

}  // namespace

bool is_one_feature(std::string_view body) {
    const simdjson::padded_string text(body);
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    std::string_view type;
    return parser.iterate(text).get(document) == simdjson::SUCCESS &&
           document["type"].get_string().get(type) == simdjson::SUCCESS && type == "Feature";
}

std::vector<Place> read_features(std::string_view body, PlaceFormat format, const Schema& schema) {
    return read(body, format, schema, true);
}

Place read_feature(std::string_view body, const Schema& schema) {
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    if (const auto error = parser.parse(body.data(), body.size()).get(document))
        throw Error(Code::malformed, fmt::format("the body is not JSON: {}", simdjson::error_message(error)));
    std::string_view type;
    if (document["type"].get(type) != simdjson::SUCCESS || type != "Feature")
        throw InvalidRequest({{.detail = "is not a GeoJSON Feature; expected one Feature"}});
    std::vector<Place> places = read(body, PlaceFormat::geojson, schema, false);
    if (places.size() != 1) throw InvalidRequest({{.detail = "expected one Feature"}});
    return std::move(places.front());
}

}  // namespace crowfly
