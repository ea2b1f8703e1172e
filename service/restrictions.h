#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/search/area.h"
#include "service/query_parameters.h"
#include "store/collection.h"

namespace crowfly {

/// Reads the parameters that say which places count. What is wrong with them becomes a fault.
///
///     bbox         west,south,east,north; with heights six numbers, of which those are passed over
///     filter       CQL2, by `filter-lang`: cql2-text (the default) or cql2-json
///     filter-crs   that of bbox and positions, which is the collection's in any case
struct Restrictions {
    static constexpr std::string_view kNames[] = {"bbox", "bbox-crs", "filter", "filter-lang", "filter-crs"};

    std::optional<Area> box = {};
    cql2::Filter filter = {};

    /// `attributes` too may be asked for, by the names of queryables: each must then be equal to what is
    /// given.
    static Restrictions of(QueryParameters& parameters, const Schema& schema, bool attributes);
};

}  // namespace crowfly
