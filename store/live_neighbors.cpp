#include "store/live_neighbors.h"

#include <algorithm>
#include <exception>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "core/metric/with_metric.h"

namespace crowfly {
namespace {

using Answer = std::vector<NeighborPlace>;

// What is read of the feed at a time.
constexpr std::size_t kChangesAtOnce = 10'000;

// What a task of the executor searches for, so that handing out tasks costs little.
constexpr std::size_t kSearchesOfTask = 16;

/// A position in the space of the metric's index, the plane's with a third coordinate that is 0.
template <Metric M>
CircleIndex::Point point_of(LonLat position) {
    const auto embedded = M::embed(position);
    CircleIndex::Point point{};
    std::copy(embedded.begin(), embedded.end(), point.begin());
    return point;
}

CircleIndex::Point point_of(MetricKind metric, LonLat position) {
    return with_metric(metric, [&]<Metric M>(M) { return point_of<M>(position); });
}

/// No position that is farther in a straight line is within the distance.
double square_of(MetricKind metric, double distance) {
    return with_metric(metric, [&]<Metric M>(M) { return M::within_square(distance); });
}

bool has_same_geometry(const Place& a, const Place& b) {
    if (a.position != b.position) return false;
    if (a.shape == b.shape) return true;
    return a.shape != nullptr && b.shape != nullptr && *a.shape == *b.shape;
}

std::optional<NeighborChange::Kind> kind_of_change(const NeighborPlace& before, const NeighborPlace& after) {
    using Kind = NeighborChange::Kind;
    if (!has_same_geometry(before.place, after.place)) return Kind::moved;
    if (!(before.place == after.place)) return Kind::changed;
    if (before.rank != after.rank) return Kind::reordered;
    return std::nullopt;
}

std::unordered_map<std::string_view, const NeighborPlace*> by_id(const Answer& answer) {
    std::unordered_map<std::string_view, const NeighborPlace*> by_id;
    for (const NeighborPlace& neighbor : answer) by_id.emplace(neighbor.place.id, &neighbor);
    return by_id;
}

}  // namespace

/// One subscription, which the one who pumps shares with the one who takes.
struct LiveSubscriber {
    LiveSubscriber(NearestQuery asked, std::function<void()> when_new)
        : query(std::move(asked)), news(std::move(when_new)) {}

    const NearestQuery query;

    // Of the one who pumps.
    std::uint32_t number = 0;
    bool is_due = false;
    std::shared_ptr<const Answer> answer = nullptr;  ///< null: none, or one that nobody knows to be right

    std::mutex mutex = {};  ///< of what follows
    std::function<void()> news;
    std::uint64_t sequence_number = 0;
    std::shared_ptr<const Answer> newest = nullptr;
    std::shared_ptr<const Answer> taken = nullptr;
    std::exception_ptr fault = nullptr;

    /// Searches, and tells whoever takes; the search sees all batches up to that number.
    void search(const Collection& collection, std::uint64_t batch,
                std::optional<std::chrono::milliseconds> timeout) {
        try {
            PlaceQuery from = query.from;
            if (timeout) from.control.deadline = std::chrono::steady_clock::now() + *timeout;
            auto found = collection.nearest(from, query.k, query.max_distance);
            const bool is_same = answer != nullptr && *answer == found;
            if (!is_same) answer = std::make_shared<const Answer>(std::move(found));
            const std::scoped_lock lock(mutex);
            sequence_number = batch;
            fault = nullptr;
            if (std::exchange(newest, answer) != answer && news) news();
        } catch (...) {
            answer = nullptr;
            const std::scoped_lock lock(mutex);
            fault = std::current_exception();
            if (news) news();
        }
    }
};

/// By which subscriptions come and go while somebody pumps.
struct LiveSubscription::Inbox {
    std::mutex mutex = {};
    std::vector<std::shared_ptr<LiveSubscriber>> begun = {};
    std::vector<std::shared_ptr<LiveSubscriber>> ended = {};
};

std::string_view name(NeighborChange::Kind kind) noexcept {
    switch (kind) {
        case NeighborChange::Kind::left:
            return "left";
        case NeighborChange::Kind::entered:
            return "entered";
        case NeighborChange::Kind::moved:
            return "moved";
        case NeighborChange::Kind::changed:
            return "changed";
        case NeighborChange::Kind::reordered:
            return "reordered";
    }
    return "";
}

std::vector<NeighborChange> changes_between(const Answer& before, const Answer& after) {
    std::vector<NeighborChange> changes;
    const auto now = by_id(after);
    for (const NeighborPlace& neighbor : before) {
        if (!now.contains(neighbor.place.id)) changes.push_back({NeighborChange::Kind::left, neighbor});
    }
    const auto then = by_id(before);
    for (const NeighborPlace& neighbor : after) {
        const auto known = then.find(neighbor.place.id);
        const auto kind = known == then.end() ? std::optional(NeighborChange::Kind::entered)
                                              : kind_of_change(*known->second, neighbor);
        if (kind) changes.push_back({*kind, neighbor});
    }
    return changes;
}

LiveSubscription::LiveSubscription(std::shared_ptr<LiveSubscriber> subscriber, std::shared_ptr<Inbox> inbox)
    : subscriber_(std::move(subscriber)), inbox_(std::move(inbox)) {}

LiveSubscription::~LiveSubscription() {
    if (subscriber_ == nullptr) return;
    {
        const std::scoped_lock lock(subscriber_->mutex);
        subscriber_->news = nullptr;
    }
    const std::scoped_lock lock(inbox_->mutex);
    inbox_->ended.push_back(std::move(subscriber_));
}

std::optional<NeighborNews> LiveSubscription::take() {
    std::shared_ptr<const Answer> before, after;
    std::uint64_t number = 0;
    {
        const std::scoped_lock lock(subscriber_->mutex);
        if (subscriber_->fault != nullptr) std::rethrow_exception(std::exchange(subscriber_->fault, nullptr));
        if (subscriber_->newest == subscriber_->taken) return std::nullopt;
        before = std::exchange(subscriber_->taken, subscriber_->newest);
        after = subscriber_->newest;
        number = subscriber_->sequence_number;
    }
    if (before == nullptr) return NeighborNews{number, true, after, {}};
    auto changes = changes_between(*before, *after);
    if (changes.empty()) return std::nullopt;
    return NeighborNews{number, false, after, std::move(changes)};
}

LiveNeighbors::LiveNeighbors(const Collection& collection,
                             std::optional<std::chrono::milliseconds> search_timeout)
    : collection_(collection),
      search_timeout_(search_timeout),
      inbox_(std::make_shared<LiveSubscription::Inbox>()),
      sequence_number_(seen_by_all()) {}

LiveNeighbors::~LiveNeighbors() = default;

/// The last batch that both searches and the feed show: one is told of it before the other, and a search that
/// a change calls for must see the change.
std::uint64_t LiveNeighbors::seen_by_all() const {
    const std::uint64_t searched = collection_.sequence_number();
    return std::min(searched, collection_.changes_since(searched, 0).last);
}

LiveSubscription LiveNeighbors::subscribe(NearestQuery query, std::function<void()> news) {
    if (query.from.shape != nullptr) {
        throw Error(Code::invalid_argument,
                    "the query of a subscription is a shape; a subscription is from a point");
    }
    require_valid(NearestOptions{.k = query.k, .max_distance = query.max_distance});
    require_valid_position(query.from.point, query.from.metric);
    auto subscriber = std::make_shared<LiveSubscriber>(std::move(query), std::move(news));
    const std::scoped_lock lock(inbox_->mutex);
    inbox_->begun.push_back(subscriber);
    return {std::move(subscriber), inbox_};
}

std::size_t LiveNeighbors::size() const {
    const std::scoped_lock lock(mutex_);
    return subscribers_.size() - free_numbers_.size();
}

std::size_t LiveNeighbors::pump(Executor& executor) {
    const std::scoped_lock lock(mutex_);
    take_in();
    const std::uint64_t last = seen_by_all();
    follow(last);
    return search_due(last, executor);
}

void LiveNeighbors::take_in() {
    std::vector<std::shared_ptr<LiveSubscriber>> begun, ended;
    {
        const std::scoped_lock lock(inbox_->mutex);
        begun.swap(inbox_->begun);
        ended.swap(inbox_->ended);
    }
    for (auto& subscriber : begun) {
        if (free_numbers_.empty()) {
            free_numbers_.push_back(static_cast<std::uint32_t>(subscribers_.size()));
            subscribers_.emplace_back();
        }
        const std::uint32_t number = free_numbers_.back();
        free_numbers_.pop_back();
        subscriber->number = number;
        ++count_[static_cast<std::size_t>(subscriber->query.from.metric)];
        subscribers_[number] = std::move(subscriber);
        make_due(number);
    }
    for (const auto& subscriber : ended) {
        const auto metric = static_cast<std::size_t>(subscriber->query.from.metric);
        circles_[metric].erase(subscriber->number);
        --count_[metric];
        subscribers_[subscriber->number] = nullptr;
        free_numbers_.push_back(subscriber->number);
    }
}

/// Makes due what the batches up to that one can have changed. Each search sees at least these, so what a
/// later batch does not touch stays right.
void LiveNeighbors::follow(std::uint64_t until) {
    while (sequence_number_ < until) {
        const ChangeFeed feed = collection_.changes_since(sequence_number_, kChangesAtOnce);
        if (feed.missed || feed.batches.empty()) {
            make_all_due();
            sequence_number_ = until;
            break;
        }
        for (const auto& batch : feed.batches) {
            if (batch->sequence_number > until) break;
            for (const CommittedChange& change : batch->changes) follow(change);
            sequence_number_ = batch->sequence_number;
        }
    }
    if (!gone_shapes_.empty()) find_answers_with_gone_shapes();
}

void LiveNeighbors::follow(const CommittedChange& change) {
    if (change.shape_after) return make_all_due();
    if (change.shape_before) {
        gone_shapes_.insert(change.id);
    } else if (change.before) {
        find_circles_of(*change.before);
    }
    if (change.after) find_circles_of(*change.after);
}

void LiveNeighbors::find_circles_of(LonLat position) {
    for (std::size_t metric = 0; metric < circles_.size(); ++metric) {
        if (count_[metric] == 0) continue;
        found_.clear();
        circles_[metric].find(point_of(static_cast<MetricKind>(metric), position), found_);
        for (const std::uint32_t number : found_) make_due(number);
    }
}

/// A place that was a shape may have been in any circle, but is in few answers.
void LiveNeighbors::find_answers_with_gone_shapes() {
    for (const auto& subscriber : subscribers_) {
        if (subscriber == nullptr || subscriber->is_due) continue;
        const auto is_gone = [this](const NeighborPlace& neighbor) {
            return gone_shapes_.contains(neighbor.place.id);
        };
        const auto& answer = subscriber->answer;
        if (answer == nullptr || std::any_of(answer->begin(), answer->end(), is_gone))
            make_due(subscriber->number);
    }
    gone_shapes_.clear();
}

void LiveNeighbors::make_due(std::uint32_t number) {
    LiveSubscriber& subscriber = *subscribers_[number];
    if (std::exchange(subscriber.is_due, true)) return;
    due_.push_back(number);
}

void LiveNeighbors::make_all_due() {
    for (const auto& subscriber : subscribers_) {
        if (subscriber != nullptr) make_due(subscriber->number);
    }
}

/// `number` is that of the last batch that all of these searches see.
std::size_t LiveNeighbors::search_due(std::uint64_t number, Executor& executor) {
    std::erase_if(due_, [this](std::uint32_t due) { return subscribers_[due] == nullptr; });
    const std::size_t tasks = (due_.size() + kSearchesOfTask - 1) / kSearchesOfTask;
    executor.run(tasks, [&](std::size_t task) {
        const std::size_t end = std::min(due_.size(), (task + 1) * kSearchesOfTask);
        for (std::size_t i = task * kSearchesOfTask; i < end; ++i) {
            subscribers_[due_[i]]->search(collection_, number, search_timeout_);
        }
    });
    for (const std::uint32_t due : due_) {
        subscribers_[due]->is_due = false;
        set_circle(due);
    }
    const std::size_t searched = due_.size();
    due_.clear();
    return searched;
}

/// Where there are not k neighbors any place within max_distance may become one; where there is no answer any
/// change may give one.
void LiveNeighbors::set_circle(std::uint32_t number) {
    const LiveSubscriber& subscriber = *subscribers_[number];
    const NearestQuery& query = subscriber.query;
    double square = std::numeric_limits<double>::infinity();
    if (subscriber.answer != nullptr) {
        const Answer& answer = *subscriber.answer;
        const double distance = answer.size() == query.k ? answer.back().distance : query.max_distance;
        if (distance < square) square = square_of(query.from.metric, distance);
    }
    circles_[static_cast<std::size_t>(query.from.metric)].set(
        number, point_of(query.from.metric, query.from.point), square);
}

}  // namespace crowfly
