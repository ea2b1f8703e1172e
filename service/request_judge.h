#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "core/search/area.h"
#include "formats/cql2/expression.h"
#include "service/problem.h"
#include "store/collection.h"

namespace crowfly {

/// The JSON value of a body, for messages: `is an array`, or `is 7`.
std::string what_is(simdjson::dom::element value);

/// Judges a body of JSON member by member, and gathers all that is wrong with it, so that a client is told
/// all of it at once. Pointers are JSON Pointers (RFC 6901).
class RequestJudge {
  public:
    using element = simdjson::dom::element;
    using object = simdjson::dom::object;

    void fault(std::string pointer, std::string detail) {
        faults_.push_back({.pointer = std::move(pointer), .detail = std::move(detail)});
    }

    /// Refuses members that are not known, or stand twice.
    void members(object found, std::string_view pointer, std::initializer_list<std::string_view> known);

    /// Nothing, with a fault, when it is absent.
    std::optional<element> required(object within, std::string_view pointer, std::string_view member);

    // Each gives nothing when that member of the body is absent or, with a fault, not as it should be.

    std::optional<std::string> text(object request, std::string_view member);
    std::optional<bool> flag(object request, std::string_view member);

    /// From `least` to `most`; `expected` says that in words.
    std::optional<double> number(object request, std::string_view member, double least, double most,
                                 std::string_view expected);
    std::optional<std::size_t> whole(object request, std::string_view member, std::size_t least,
                                     std::size_t most);
    std::optional<std::string> one_of(object request, std::string_view member,
                                      std::initializer_list<std::string_view> names);
    std::optional<std::vector<std::string>> texts(object request, std::string_view member);

    /// The member `filter`: CQL2 as JSON, or as text. `filter-lang`, cql2-json or cql2-text, must fit it. It
    /// is not judged against a collection.
    std::optional<cql2::Expression> filter(object request);

    /// The members `bbox`, of four numbers, or six with heights, and `area`, a GeoJSON Polygon or
    /// MultiPolygon, of which there may be one. `project` takes positions into the reference system.
    std::shared_ptr<const Area> area(object request, Crs crs, LonLat (*project)(LonLat) = nullptr);

    /// Throws InvalidRequest with all faults, if there are any.
    void finish();

  private:
    static constexpr std::size_t kMostFaults = 20;

    std::vector<RequestFault> faults_;
};

/// The filter, judged against what can be asked of places. Throws InvalidRequest.
cql2::Filter judged_filter(std::optional<cql2::Expression> filter, const Schema& schema);

}  // namespace crowfly
