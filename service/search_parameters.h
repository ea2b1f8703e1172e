#pragma once

#include <string_view>
#include <vector>

#include "service/api.h"
#include "service/query_parameters.h"
#include "store/collection.h"

namespace crowfly {

/// What is searched for when nobody says how many.
inline constexpr std::size_t kDefaultNeighbors = 10;

/// Reads what all searches in one collection take as parameters: `lon`, `lat`, `category`, `metric`, `match`,
/// and those of Restrictions; by POST instead of a position a GeoJSON geometry, or Feature, in the body.
/// `method`, `explain` and `after` are read too where the search names them among its own. What is wrong with
/// them is gathered until `query`.
class SearchParameters {
  public:
    /// `known`: the names of the search's own. Throws Error(malformed) for a body that is no JSON, and
    /// InvalidRequest for one that is no geometry.
    SearchParameters(const Call& call, const Collection& collection, std::vector<std::string_view> known);
    SearchParameters(const SearchParameters&) = delete;
    SearchParameters& operator=(const SearchParameters&) = delete;

    QueryParameters& parameters() { return parameters_; }

    /// Reads `after`, which a link to a next page has.
    void read_after();

    /// Throws for all that was wrong. Good as long as this object is.
    const PlaceQuery& query();

    const SearchReport& report() const { return report_; }
    bool explains() const { return explains_; }

  private:
    MetricKind metric();
    LonLat position();

    QueryParameters parameters_;
    bool is_wgs84_;
    bool explains_ = false;
    SearchReport report_;
    PlaceQuery query_;
};

}  // namespace crowfly
