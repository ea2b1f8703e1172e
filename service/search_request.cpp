#include "service/search_request.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include <fmt/format.h>
#include <simdjson.h>

#include "core/domain.h"
#include "core/error.h"
#include "service/problem.h"

namespace crowfly {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

std::string found(element value) {
    switch (value.type()) {
        case element_type::ARRAY:
            return "is an array";
        case element_type::OBJECT:
            return "is an object";
        default:
            return "is " + shown(simdjson::minify(value));
    }
}

class Judge {
  public:
    void fault(std::string pointer, std::string detail) {
        faults_.push_back({.pointer = std::move(pointer), .detail = std::move(detail)});
    }

    /// Refuses members that are not known, or stand twice.
    void members(object found, std::string_view pointer, std::initializer_list<std::string_view> known) {
        std::vector<std::string_view> seen;
        for (const auto& [name, value] : found) {
            if (std::find(known.begin(), known.end(), name) == known.end()) {
                fault(pointer_to(pointer, shown(name)),
                      fmt::format("is not known; expected {}", fmt::join(known, ", ")));
            } else if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
                fault(pointer_to(pointer, name), "appears twice");
            }
            seen.push_back(name);
            if (faults_.size() >= kMostFaults) return;
        }
    }

    std::optional<element> required(object within, std::string_view pointer, std::string_view member) {
        element value;
        if (within[member].get(value) == simdjson::SUCCESS) return value;
        fault(pointer_to(pointer, member), "is required");
        return std::nullopt;
    }

    void point(object request, LonLat& target) {
        const auto value = required(request, "", "point");
        if (!value) return;
        object point;
        if (value->get(point) != simdjson::SUCCESS) {
            fault("/point", found(*value) + "; expected a GeoJSON Point");
            return;
        }
        members(point, "/point", {"type", "coordinates"});
        if (const auto type = required(point, "/point", "type")) {
            std::string_view name;
            if (type->get(name) != simdjson::SUCCESS || name != "Point")
                fault("/point/type", found(*type) + "; expected \"Point\"");
        }
        if (const auto coordinates = required(point, "/point", "coordinates")) position(*coordinates, target);
    }

    void k(object request, std::size_t& target) {
        const auto value = required(request, "", "k");
        if (!value) return;
        double number = 0;
        if (value->get(number) != simdjson::SUCCESS || number != std::floor(number) || number < 1 ||
            number > SearchRequest::kMostNeighbors) {
            fault("/k", fmt::format("{}; expected a whole number from 1 to {}", found(*value),
                                    SearchRequest::kMostNeighbors));
            return;
        }
        target = static_cast<std::size_t>(number);
    }

    void max_radius(object request, double& target) {
        element value;
        if (request["max_radius_meters"].get(value) != simdjson::SUCCESS) return;
        double number = 0;
        if (value.get(number) != simdjson::SUCCESS || !(number > 0) ||
            number > SearchRequest::kWidestRadius) {
            fault("/max_radius_meters", fmt::format("{}; expected a number above 0 and up to {}",
                                                    found(value), SearchRequest::kWidestRadius));
            return;
        }
        target = number;
    }

    void text(object request, std::string_view member, std::optional<std::string>& target) {
        element value;
        if (request[member].get(value) != simdjson::SUCCESS) return;
        std::string_view text;
        if (value.get(text) != simdjson::SUCCESS) {
            fault(pointer_to("", member), found(value) + "; expected a string");
            return;
        }
        target = text;
    }

    void match(object request, Match& target) {
        element value;
        if (request["match"].get(value) != simdjson::SUCCESS) return;
        std::string_view text;
        const auto known = value.get(text) == simdjson::SUCCESS ? match_named(text) : std::nullopt;
        if (known) {
            target = *known;
        } else {
            fault("/match", found(value) + "; expected \"geometry\" or \"centroid\"");
        }
    }

    void finish() {
        if (!faults_.empty()) throw InvalidRequest(std::move(faults_));
    }

  private:
    static constexpr std::size_t kMostFaults = 20;

    void position(element value, LonLat& target) {
        constexpr std::string_view kPointer = "/point/coordinates";
        simdjson::dom::array numbers;
        if (value.get(numbers) != simdjson::SUCCESS || numbers.size() < 2 || numbers.size() > 3) {
            const bool is_array = value.is_array();
            fault(std::string(kPointer),
                  fmt::format("{}; expected [longitude, latitude]",
                              is_array ? fmt::format("has {} elements", numbers.size()) : found(value)));
            return;
        }
        double coordinates[3]{};
        std::size_t index = 0;
        for (const element number : numbers) {
            if (number.get(coordinates[index]) != simdjson::SUCCESS) {
                fault(fmt::format("{}/{}", kPointer, index), found(number) + "; expected a number");
                return;
            }
            ++index;
        }
        target = {coordinates[0], coordinates[1]};
        if (const auto wrong = coordinate_fault(target, Crs::wgs84)) {
            fault(fmt::format("{}/{}", kPointer, wrong->axis == Axis::lon ? 0 : 1),
                  "is refused: " + wrong->message);
        }
    }

    std::vector<RequestFault> faults_;
};

}  // namespace

SearchRequest parse_search_request(std::string_view body) {
    thread_local simdjson::dom::parser parser;
    element document;
    if (const auto error = parser.parse(body.data(), body.size()).get(document)) {
        throw Error(Code::malformed, fmt::format("the body is not JSON: {}", simdjson::error_message(error)));
    }
    Judge judge;
    SearchRequest request;
    object members;
    if (document.get(members) != simdjson::SUCCESS) {
        judge.fault("", found(document) + "; expected an object");
    } else {
        judge.members(members, "",
                      {"point", "k", "max_radius_meters", "category_filter", "collection", "match"});
        judge.point(members, request.point);
        judge.k(members, request.k);
        judge.max_radius(members, request.max_distance);
        judge.text(members, "category_filter", request.category);
        judge.text(members, "collection", request.collection);
        judge.match(members, request.match);
    }
    judge.finish();
    return request;
}

}  // namespace crowfly
