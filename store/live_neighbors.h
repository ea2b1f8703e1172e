#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/executor.h"
#include "store/circle_index.h"
#include "store/collection.h"

namespace crowfly {

/// What is asked once, or subscribed to: the arguments of Collection::nearest.
struct NearestQuery {
    PlaceQuery from;
    std::size_t k = 1;
    double max_distance = std::numeric_limits<double>::infinity();
};

/// What has become of a neighbor from one answer to the next.
struct NeighborChange {
    enum class Kind {
        left,       ///< is no longer among the k nearest; `neighbor` is as it was
        entered,    ///< is among them now
        moved,      ///< has another geometry, and with it perhaps distance and rank
        changed,    ///< has another name, category or property, and perhaps rank
        reordered,  ///< is the same, but for its rank
    };

    Kind kind;
    NeighborPlace neighbor;
};

/// "left", "entered", "moved", "changed" or "reordered".
std::string_view name(NeighborChange::Kind kind) noexcept;

/// Those that have left, by their last rank, then the others by their new one. Whoever takes out of `before`
/// the ones that left, puts all others in the stead of what they were, and sorts by rank, has `after`; but
/// where several points of a shape are nearest another of them may have been given. Cost: linear.
std::vector<NeighborChange> changes_between(const std::vector<NeighborPlace>& before,
                                            const std::vector<NeighborPlace>& after);

/// What a subscriber has not been told yet.
struct NeighborNews {
    std::uint64_t sequence_number;  ///< all batches up to it are in the answer, and perhaps later ones
    bool is_first;                  ///< then there are no changes
    std::shared_ptr<const std::vector<NeighborPlace>> neighbors;  ///< all, as Collection::nearest gives them
    std::vector<NeighborChange> changes;                          ///< since the news before
};

struct LiveSubscriber;

/// Ends with the object, which may be in any thread.
class LiveSubscription {
  public:
    struct Inbox;

    LiveSubscription(std::shared_ptr<LiveSubscriber> subscriber, std::shared_ptr<Inbox> inbox);
    LiveSubscription(LiveSubscription&&) noexcept = default;
    LiveSubscription& operator=(LiveSubscription&&) = delete;
    ~LiveSubscription();

    /// What is new since it was last called, or nothing. However much has happened meanwhile, it is the way
    /// from the answer that was taken last to the newest one. Throws what the last search threw, once; the
    /// subscription stays, and is searched again after the next batch.
    std::optional<NeighborNews> take();

  private:
    std::shared_ptr<LiveSubscriber> subscriber_;
    std::shared_ptr<Inbox> inbox_;
};

/// Keeps the answers of many subscriptions to the k nearest as they would be if they were searched for after
/// every batch of a collection's changes, by searching only for those whose circle a change enters or leaves:
/// all that is within the distance of the k-th neighbor or, while there are fewer, within max_distance.
///
/// It starts no thread and opens no socket: somebody calls `pump` now and then, which costs next to nothing
/// when nothing has happened. All members may be called from any thread.
///
/// Where a change is of a place with a shape, whose position does not say where all of it is, those are
/// searched for that had the place in their answer; when it then has a shape, all are.
class LiveNeighbors {
  public:
    /// The collection must outlive it. A search that takes longer than `search_timeout` fails; without one
    /// the deadline of its query holds.
    explicit LiveNeighbors(const Collection& collection,
                           std::optional<std::chrono::milliseconds> search_timeout = {});
    LiveNeighbors(const LiveNeighbors&) = delete;
    LiveNeighbors& operator=(const LiveNeighbors&) = delete;
    ~LiveNeighbors();

    /// `news` is called from `pump`, in whatever thread, when there is something to take, which it hands on
    /// to whoever takes it: it must neither throw, nor wait, nor touch the subscription. It is not called
    /// once that has ended. The first answer is news that the next `pump` finds. Throws
    /// Error(invalid_argument) for k = 0, a max_distance that is negative or NaN, a point outside the
    /// metric's domain, and a query that is a shape; all other faults of a query come with the first search.
    LiveSubscription subscribe(NearestQuery query, std::function<void()> news);

    /// Follows the feed of changes to its end, and searches for the subscriptions that are due in the threads
    /// that are lent. Returns how many those were. What a search throws comes from `take`; this throws,
    /// before anything is searched for, only when the collection's memory is not what its file says, until
    /// the next write.
    std::size_t pump(Executor& executor = serial_executor());

    /// How many there are, as the last `pump` saw them.
    std::size_t size() const;

  private:
    std::uint64_t seen_by_all() const;
    void take_in();
    void follow(std::uint64_t until);
    void follow(const CommittedChange& change);
    void find_circles_of(LonLat position);
    void find_answers_with_gone_shapes();
    void make_due(std::uint32_t number);
    void make_all_due();
    std::size_t search_due(std::uint64_t number, Executor& executor);
    void set_circle(std::uint32_t number);

    const Collection& collection_;
    const std::optional<std::chrono::milliseconds> search_timeout_;
    const std::shared_ptr<LiveSubscription::Inbox> inbox_;
    mutable std::mutex mutex_;  // of all that follows
    std::uint64_t sequence_number_;
    std::vector<std::shared_ptr<LiveSubscriber>> subscribers_;  // by number; null: the number is free
    std::vector<std::uint32_t> free_numbers_;
    std::array<CircleIndex, 3> circles_;           // by metric
    std::array<std::size_t, 3> count_{};           // of subscribers, likewise
    std::vector<std::uint32_t> due_;               // numbers, each once
    std::vector<std::uint32_t> found_;             // scratch
    std::unordered_set<std::string> gone_shapes_;  // ids of places that had a shape
};

}  // namespace crowfly
