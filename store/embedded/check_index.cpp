#include "store/embedded/check_index.h"

#include <algorithm>
#include <limits>
#include <memory>

#include <fmt/format.h>

#include "core/place_id.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/place_table.h"

namespace crowfly {
namespace {

constexpr std::uint64_t kSample = 1000;
constexpr std::uint64_t kPlacesBetweenReports = 1000;
constexpr double kInf = std::numeric_limits<double>::infinity();

MetricKind metric_of(const Schema& schema) {
    return schema.crs == Crs::wgs84 ? MetricKind::spheroid : MetricKind::plane;
}

/// Looks whether anybody writes to the file.
class ChangeWatch {
  public:
    explicit ChangeWatch(const std::string& store)
        : database_(store, sqlite::Access::read_only), version_(database_, "PRAGMA data_version") {}

    std::int64_t version() {
        const std::int64_t version = version_.step() ? version_.integer(0) : 0;
        version_.reset();
        return version;
    }

  private:
    sqlite::Database database_;
    sqlite::Statement version_;
};

/// The rows of the file in one state, and the collection that was opened then.
struct View {
    sqlite::Database rows;
    std::unique_ptr<Collection> collection;
    bool same_state = false;  ///< whether the collection has that state too

    View(const std::string& store, const Schema& schema) : rows(store, sqlite::Access::read_only) {
        constexpr int kTries = 3;
        ChangeWatch watch(store);
        for (int tries = 0; tries < kTries && !same_state; ++tries) {
            if (tries > 0) rows.execute("ROLLBACK");
            const std::int64_t before = watch.version();
            rows.execute("BEGIN; SELECT count(*) FROM sqlite_schema");
            collection = EmbeddedStore(store, sqlite::Access::read_only)
                             .open_collection(schema.name, {metric_of(schema)});
            same_state = watch.version() == before;
        }
    }
};

/// Whether the answer is that of the other method: the same places at the same distances.
bool same(const std::vector<NeighborPlace>& a, const std::vector<NeighborPlace>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& one, const auto& other) {
        return one.place.id == other.place.id && one.distance == other.distance;
    });
}

class IndexCheck {
  public:
    IndexCheck(const Collection& collection, CheckedCollection& found, CheckReport& report)
        : collection_(collection), metric_(metric_of(collection.schema())), found_(found), report_(report) {}

    /// The place is among those at distance 0 of where it is. When more than a few are there, the few that
    /// are given come before it.
    void seek(const Place& place) {
        constexpr std::size_t kFew = 16;
        const auto there =
            collection_.nearest({.point = place.vertices().front(), .metric = metric_}, kFew, 0);
        ++found_.places_sought;
        const auto sought = std::find_if(there.begin(), there.end(), [&](const NeighborPlace& neighbor) {
            return neighbor.place.id == place.id;
        });
        if (sought == there.end()) {
            if (there.size() == kFew && compare_ids(there.back().place.id, place.id) < 0) return;
            return add(fmt::format("the index does not find \"{}\" where it is", place.id));
        }
        if (sought->place.category != place.category || sought->place.name != place.name)
            add(fmt::format("the index has another name or category for \"{}\"", place.id));
    }

    void compare(const PlaceQuery& query) {
        constexpr std::size_t kNeighbors = 10;
        PlaceQuery by_scan = query;
        by_scan.method = Method::scan;
        ++found_.points_compared;
        const auto neighbors = collection_.nearest(query, kNeighbors, kInf);
        if (!same(neighbors, collection_.nearest(by_scan, kNeighbors, kInf)))
            return add_difference("nearest", query);
        if (neighbors.empty()) return;
        const double distance = neighbors.back().distance;
        if (!same(collection_.within_distance(query, distance),
                  collection_.within_distance(by_scan, distance)))
            add_difference("within_distance", query);
    }

    void compare_near(const Place& place, const Place& other) {
        const LonLat a = place.position;
        const LonLat b = other.position;
        compare({.point = {a.lon / 2 + b.lon / 2, a.lat / 2 + b.lat / 2}, .metric = metric_});
        compare({.point = a, .metric = metric_, .category = place.category});
    }

  private:
    void add(std::string what) { report_.add_fault(found_.name, std::move(what)); }

    void add_difference(const char* search, const PlaceQuery& query) {
        add(fmt::format("{} at {}, {}{}: the index and the scan differ", search, query.point.lon,
                        query.point.lat,
                        query.category ? fmt::format(" in category \"{}\"", *query.category) : ""));
    }

    const Collection& collection_;
    MetricKind metric_;
    CheckedCollection& found_;
    CheckReport& report_;
};

/// Calls `visit` with at most `most` of the `count` rows of the file, evenly spread; returns how many rows
/// there are.
std::uint64_t sample(View& view, const Schema& schema, std::uint64_t count, std::uint64_t most,
                     const std::function<void(const Place&)>& visit) {
    const std::uint64_t step = std::max<std::uint64_t>(1, (count + most - 1) / most);
    std::uint64_t row = 0;
    PlaceTable(view.rows, schema).scan([&](const Place& place) {
        if (row++ % step == 0) visit(place);
    });
    return row;
}

}  // namespace

void check_index(const std::string& store, const Schema& schema, const CheckOptions& options,
                 CheckedCollection& found, CheckReport& report) {
    View view(store, schema);
    IndexCheck check(*view.collection, found, report);
    const std::uint64_t points = options.full ? 16 : 4;
    std::vector<Place> near;
    sample(view, schema, found.places, points, [&](const Place& place) { near.push_back(place); });
    for (std::size_t i = 0; i < near.size(); ++i) check.compare_near(near[i], near[(i + 1) % near.size()]);
    if (!view.same_state) {
        report.notes.push_back(
            schema.name + ": is being written to, so its index was not compared with the rows of the file");
        return;
    }
    const std::uint64_t most = options.full ? std::numeric_limits<std::uint32_t>::max() : kSample;
    const std::uint64_t rows = sample(view, schema, found.places, most, [&](const Place& place) {
        check.seek(place);
        if (options.progress && found.places_sought % kPlacesBetweenReports == 0)
            options.progress(found.places_sought);
    });
    if (view.collection->count() == rows) return;
    report.add_fault(schema.name,
                     fmt::format("the index has {} places, and the file {}", view.collection->count(), rows));
}

}  // namespace crowfly
