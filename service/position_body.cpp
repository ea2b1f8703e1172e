#include "service/position_body.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>
#include <simdjson.h>

#include "formats/json_value.h"
#include "formats/text.h"
#include "service/request_faults.h"

namespace crowfly {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

/// Reads one record after the other; what is wrong with one is told with where it stands.
class PositionReader {
  public:
    explicit PositionReader(Crs crs) : crs_(crs) {}

    /// `line` is 0 for one of an array; then `pointer` says which.
    void read(element record, std::uint64_t line, std::string pointer) {
        line_ = line;
        pointer_ = std::move(pointer);
        is_sound_ = true;
        object members;
        if (record.get(members) != simdjson::SUCCESS)
            return fault("", fmt::format("is {}; expected an object", json_type(record)));
        Move move;
        read_members(members, move);
        if (is_sound_) moves_.push_back(std::move(move));
    }

    void fault_of_line(std::uint64_t line, std::string detail) {
        faults_.add({.detail = std::move(detail), .line = line});
    }

    std::vector<Move> finish() {
        faults_.finish();
        return std::move(moves_);
    }

  private:
    void read_members(object members, Move& move) {
        bool id = false, lon = false, lat = false, ttl = false;
        for (const auto& [name, value] : members) {
            bool* const seen = name == "id"    ? &id
                               : name == "lon" ? &lon
                               : name == "lat" ? &lat
                               : name == "ttl" ? &ttl
                                               : nullptr;
            if (seen == nullptr) return fault(name, "is not known; expected id, lon, lat and ttl");
            if (*seen) return fault(name, "appears twice");
            *seen = true;
            if (seen == &id) read_id(value, move.id);
            if (seen == &lon) read_number(name, value, move.position.lon);
            if (seen == &lat) read_number(name, value, move.position.lat);
            if (seen == &ttl) read_ttl(value, move.ttl);
        }
        for (const auto& [name, given] :
             {std::pair("id", id), std::pair("lon", lon), std::pair("lat", lat)}) {
            if (!given) fault(name, "is required");
        }
        if (!is_sound_) return;
        if (const auto wrong = coordinate_fault(move.position, crs_))
            fault(wrong->axis == Axis::lon ? "lon" : "lat", wrong->message);
    }

    void read_id(element value, std::string& id) {
        if (value.is_int64() || value.is_uint64()) {
            id = simdjson::minify(value);
            return;
        }
        std::string_view text;
        if (value.get(text) != simdjson::SUCCESS || text.empty() || !text_fault(text).empty())
            return fault("id", fmt::format("is {}; expected text or a whole number", json_type(value)));
        id = text;
    }

    void read_number(std::string_view name, element value, double& number) {
        if (value.get(number) != simdjson::SUCCESS)
            fault(name, fmt::format("is {}; expected a number", json_type(value)));
    }

    void read_ttl(element value, std::optional<TimeToLive>& ttl) {
        if (value.is_null()) return;
        double seconds = 0;
        if (value.get(seconds) != simdjson::SUCCESS || !(seconds > 0) || seconds > kLongestTtl) {
            return fault("ttl", fmt::format("is {}; expected seconds, above 0 and up to {}",
                                            shown(simdjson::minify(value)), kLongestTtl));
        }
        ttl = ttl_of(seconds);
    }

    void fault(std::string_view member, const std::string& detail) {
        is_sound_ = false;
        const std::string shown_member = shown(member);
        if (line_ != 0) {
            faults_.add({.detail = member.empty() ? detail : shown_member + ": " + detail, .line = line_});
        } else {
            faults_.add({.pointer = member.empty() ? pointer_ : pointer_to(pointer_, shown_member),
                         .detail = detail});
        }
    }

    Crs crs_;
    std::vector<Move> moves_;
    RequestFaults faults_;
    std::uint64_t line_ = 0;
    std::string pointer_;
    bool is_sound_ = true;
};

void read_lines(std::string_view body, PositionReader& reader) {
    simdjson::dom::parser parser;
    for (std::uint64_t number = 1; !body.empty(); ++number) {
        const std::size_t end = std::min(body.find('\n'), body.size());
        const std::string_view line = trimmed(body.substr(0, end));
        body.remove_prefix(std::min(end + 1, body.size()));
        if (line.empty()) continue;
        element record;
        if (const auto error = parser.parse(line.data(), line.size()).get(record)) {
            reader.fault_of_line(number, fmt::format("is not JSON: {}", simdjson::error_message(error)));
        } else {
            reader.read(record, number, "");
        }
    }
}

void read_array(std::string_view body, PositionReader& reader) {
    simdjson::dom::parser parser;
    element document;
    if (const auto error = parser.parse(body.data(), body.size()).get(document))
        throw Error(Code::malformed, fmt::format("the body is not JSON: {}", simdjson::error_message(error)));
    simdjson::dom::array records;
    if (document.get(records) != simdjson::SUCCESS)
        throw InvalidRequest({{.detail = fmt::format("is {}; expected an array", json_type(document))}});
    std::size_t number = 0;
    for (const element record : records) reader.read(record, 0, fmt::format("/{}", number++));
}

}  // namespace

TimeToLive ttl_of(double seconds) {
    return TimeToLive(std::max<TimeToLive::rep>(1, std::llround(seconds * 1000)));
}

std::vector<Move> read_positions(std::string_view body, JsonRecords records, Crs crs) {
    PositionReader reader(crs);
    if (records == JsonRecords::lines)
        read_lines(body, reader);
    else
        read_array(body, reader);
    return reader.finish();
}

}  // namespace crowfly
