#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/control.h"
#include "core/geometry/match.h"
#include "core/search/area.h"
#include "core/search/counts.h"
#include "core/search/query.h"
#include "formats/cql2/expression.h"
#include "formats/place.h"
#include "store/change.h"
#include "store/items.h"

namespace crowfly {

class PlaceSnapshot;

/// What a collection is, apart from its places.
struct Schema {
    std::string name;
    Crs crs = Crs::wgs84;
    std::vector<Attribute> attributes = {};  ///< properties with a typed column of their own
};

/// Throws Error(invalid_argument) unless the name is 1 to 63 letters, digits, `_` and `-`, starting with a
/// letter, not with a prefix that SQLite or GeoPackage keep for themselves; likewise the attributes' names,
/// which must also differ from each other and from the columns that every collection has, without regard to
/// case.
void require_valid(const Schema& schema);

/// Why a place cannot be in a collection.
struct PlaceFault {
    std::string member;
    std::string reason;
};

/// Judges geometry and declared properties against the schema, and all texts.
std::optional<PlaceFault> place_fault(const Place& place, const Schema& schema);

/// The smallest box of longitudes and latitudes that holds the vertices of all places. It does not wrap
/// around the antimeridian, and knows of no pole inside a polygon, nor of how far a geodesic leaves the box
/// of its ends.
struct Extent {
    static Extent of(LonLat position) { return {position.lon, position.lat, position.lon, position.lat}; }
    void grow(LonLat position);

    double min_lon;
    double min_lat;
    double max_lon;
    double max_lat;

    friend bool operator==(const Extent&, const Extent&) = default;
};

/// Makes the extent, which is absent as long as there are no places, hold a place.
void grow(std::optional<Extent>& extent, std::span<const LonLat> vertices);

/// What kinds of geometry there are among places.
struct GeometryContent {
    bool shapes = false;  ///< something other than points
    bool z = false;
    bool m = false;
};

enum class Method {
    index,  ///< through the tree
    scan,   ///< by measuring every place: slow, and the judge of the other
};

/// A neighbor's place in the order (distance, id): where a page of neighbors ends, and the next one begins.
/// It means the same in every state of a collection.
struct NeighborKey {
    double distance = 0;
    std::string id = {};

    friend bool operator==(const NeighborKey&, const NeighborKey&) = default;
};

/// What a search has done.
struct SearchReport {
    SearchCounts counts = {};  ///< of the index; a scan has none
    std::size_t runs = 0;      ///< how many the index is made of
    std::uint64_t places = 0;  ///< how many there are in the state that was searched
    std::uint64_t asked = 0;   ///< of how many places it was asked whether category and filter let them pass
    std::uint64_t rows_read = 0;  ///< for how many of these the file was read

    /// The properties for which it was read: attributes that are not hot.
    std::vector<std::string> read_from_file = {};
};

/// From where, how to measure, and which places count. Distances are those to the places' geometries, in
/// whose inside they are 0; or, when so asked, those between centroids, to which the nearest point of every
/// place with a shape then is.
struct PlaceQuery {
    LonLat point = {};
    MetricKind metric = MetricKind::spheroid;
    std::optional<std::string> category = {};  ///< only places of exactly this category
    Method method = Method::index;
    std::shared_ptr<const Geometry> shape = {};  ///< when set, what is searched from instead of `point`
    Match match = Match::geometry;

    /// Only places of which it is true; see `queryables`. Cost: it is asked of the places in the order of
    /// their distance, about, until there are k. For an attribute that is in the file alone each is a read.
    cql2::Filter filter = {};

    /// Only places with their position in it: of one with a shape its `representative_position`.
    std::shared_ptr<const Area> area = {};

    /// The k nearest are chosen within each category, "none" being one too, and ranks count within it: the
    /// answer is in the order (category, distance, id). Goes without `after`. Cost: as
    /// `nearest_of_each_category` has it.
    bool by_category = false;

    /// Only places that come after it. Cost: as if those before it were asked for too.
    std::optional<NeighborKey> after = {};

    Control control = {};
    SearchReport* report = nullptr;  ///< when set, filled by a search that does not throw
};

/// How a collection is kept, wherever it is.
struct CollectionOptions {
    std::size_t retained_changes = 100'000;  ///< how many changes `changes_since` reaches back at most
    Clock clock = system_time;               ///< by which places expire
};

/// A set of places with one id space. Reads may come from any number of threads, at any time, and see the
/// state after some whole write; a write that has returned is seen by every read that starts afterwards.
class Collection {
  public:
    Collection() = default;
    Collection(const Collection&) = delete;
    Collection& operator=(const Collection&) = delete;
    virtual ~Collection() = default;

    virtual const Schema& schema() const noexcept = 0;
    virtual std::uint64_t count() const = 0;

    /// Nothing when there are no places.
    virtual std::optional<Extent> extent() const = 0;

    /// The k nearest places within max_distance (inclusive; metres, or the plane's unit), in the order
    /// (distance, id). Throws Error(invalid_argument) for a query outside its domain or with a
    /// `geometry_fault`, for a metric that needs WGS84 on a planar collection, for Method::index with a
    /// metric that the collection was not opened with, for Match::centroid when the query or any place has no
    /// centroid, for an area in another reference system, and for a filter as cql2::Predicate; and as Control
    /// has it. After a write the first search of a metric by centroids among places with shapes
    /// computes all of them, O(vertices + n log n), and keeps them: 37.1 bytes a place on the plane, 45.7
    /// else. Properties other than name and category may be those of a later write than the one that decided
    /// the answer.
    virtual std::vector<NeighborPlace> nearest(const PlaceQuery& query, std::size_t k,
                                               double max_distance) const = 0;

    /// All places within max_distance, in the same order. Throws likewise.
    virtual std::vector<NeighborPlace> within_distance(const PlaceQuery& query,
                                                       double max_distance) const = 0;

    /// Cost: O(log n), in memory O(n).
    virtual std::optional<Place> get(std::string_view id) const = 0;

    /// Takes all places of the source, or none when it throws: a place whose id is there already replaces
    /// that one whole, and one without an id gets a random UUID (version 4). A place with a fault, or with an
    /// id that the source has given before, is refused to the source. Returns how many were taken.
    virtual std::uint64_t upsert(PlaceSource& places) = 0;

    /// Removes the places that are there; returns how many those were. All or none when it throws.
    virtual std::uint64_t erase(std::span<const std::string> ids) = 0;

    /// Does all changes, one after the other, or none when it throws; no read sees some of them alone. Any
    /// number of threads may write: their batches are committed together, and one that fails does not touch
    /// the others. Throws as `require_valid` does, before anything is done.
    virtual Written write(std::vector<Change> changes) = 0;

    /// Does what `edit` wants for the place of that id, with no write of others between its look at the place
    /// and its change. It is called in any thread, several times when it must be, while others that write
    /// wait; it must not use the collection. Throws what it throws, as `require_valid` does, and for a change
    /// of another place; then nothing was done.
    virtual Edited edit(const std::string& id, const Edit& edit) = 0;

    /// Erases the places whose time to live is over, in the order of (time, id as bytes), as a batch of its
    /// own; returns how many those were. A durable collection does so by itself, soon after the time.
    virtual std::uint64_t erase_expired() = 0;

    /// When the place expires; nothing for one that never does, or is not there.
    virtual std::optional<Timestamp> expires_at(std::string_view id) const = 0;

    /// Of the last batch that changed anything; 0 before the first. Each `upsert`, `erase` and `write` that
    /// changes something is one batch, and takes the next number. Numbers live as long as the collection.
    virtual std::uint64_t sequence_number() const = 0;

    /// The batches after the one with `sequence_number`, as far as they are retained: as many as have at most
    /// `limit` changes together, or the next one alone when that has more. A collection that was opened anew
    /// retains nothing of what was before.
    virtual ChangeFeed changes_since(std::uint64_t sequence_number, std::size_t limit) const = 0;

    /// A page of the places that count, in the order they were first stored. Throws Error(invalid_argument)
    /// as `require_valid(ItemsQuery)`, and for a filter as cql2::Predicate; and as Control has it. Cost
    /// without box and filter: O(log n + limit). With them up to O(n) in memory, where those that count are
    /// rare.
    virtual ItemsPage items(const ItemsQuery& query) const = 0;

    /// The state after the last write, for those who look at many places, such as maps.
    virtual std::shared_ptr<const PlaceSnapshot> snapshot() const = 0;

    /// Calls `visit` with every place, in the order they were first stored.
    virtual void scan(const std::function<void(const Place&)>& visit) const = 0;
};

/// Places in memory as a source. A refused place throws Error(invalid_argument) that carries the reason.
class PlaceList final : public PlaceSource {
  public:
    explicit PlaceList(std::span<const Place> places) : places_(places) {}

    bool next(Place& place) override;
    void refuse(std::string_view member, const std::string& reason) override;

  private:
    std::span<const Place> places_;
    std::size_t next_ = 0;
};

/// What every implementation of `upsert` does with its source: judges each place, sees that one with a shape
/// has the position that goes with it, gives one without an id a UUID, and hands it to `take`, which returns
/// false for an id that it was given before. Returns how many were taken.
std::uint64_t take_places(PlaceSource& source, const Schema& schema,
                          const std::function<bool(const Place&)>& take);

/// A random UUID, version 4 (RFC 9562), in lower case.
std::string random_uuid();

}  // namespace crowfly
