#include "core/live/live_snapshot.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.h"

namespace crowfly {
namespace {

RunMarks none_dead(const PackedRun& run) {
    const DeadMarks none(run.size());
    return {.seats = none, .slots = std::vector(run.has_shapes() ? 0 : run.metric_count(), none)};
}

}  // namespace

LiveRun LiveRun::without(std::span<const std::uint32_t> seats) const {
    if (seats.empty()) return *this;
    auto marks = std::make_shared<RunMarks>(dead != nullptr ? *dead : none_dead(*run));
    marks->seats = marks->seats.with(seats);
    marks->rows += seats.size();
    for (const std::uint32_t seat : seats) marks->vertices += run->vertices(seat);
    std::vector<std::uint32_t> slots(seats.size());
    for (std::size_t metric = 0; metric < marks->slots.size(); ++metric) {
        std::transform(seats.begin(), seats.end(), slots.begin(),
                       [&](std::uint32_t seat) { return run->slot(metric, seat); });
        marks->slots[metric] = marks->slots[metric].with(slots);
    }
    return {run, std::move(marks)};
}

std::vector<std::uint32_t> LiveRun::gone_until(const LiveRun* later) const {
    if (later != nullptr) {
        if (later->dead == dead) return {};
        return (dead != nullptr ? dead->seats : DeadMarks(run->size())).added_in(later->dead->seats);
    }
    std::vector<std::uint32_t> gone;
    for (std::uint32_t seat = 0; seat < run->size(); ++seat) {
        if (has(seat)) gone.push_back(seat);
    }
    return gone;
}

LiveSnapshot::LiveSnapshot(std::vector<LiveRun> runs, std::shared_ptr<const LiveOptions> options)
    : runs_(std::move(runs)), options_(std::move(options)) {
    std::stable_sort(runs_.begin(), runs_.end(), [](const LiveRun& a, const LiveRun& b) {
        return a.vertices().live() > b.vertices().live();
    });
    for (const LiveRun& run : runs_) size_ += run.size();
}

bool LiveSnapshot::has_shapes() const noexcept {
    return std::any_of(runs_.begin(), runs_.end(), [](const LiveRun& run) { return run.run->has_shapes(); });
}

std::optional<LiveRow> LiveSnapshot::find(std::uint32_t row) const {
    for (const LiveRun& run : runs_) {
        const auto seat = run.run->seat_of(row);
        if (seat && run.has(*seat)) return run.run->at(*seat);
    }
    return std::nullopt;
}

void LiveSnapshot::for_each(const std::function<void(const LiveRow&)>& visit) const {
    for (const LiveRun& run : runs_) {
        for (std::size_t seat = 0; seat < run.run->size(); ++seat) {
            if (run.has(seat)) visit(run.run->at(seat));
        }
    }
}

std::size_t LiveSnapshot::memory() const {
    std::size_t bytes = 0;
    for (const LiveRun& run : runs_) {
        bytes += run.run->memory();
        if (run.dead == nullptr) continue;
        bytes += run.dead->seats.memory();
        for (const DeadMarks& slots : run.dead->slots) bytes += slots.memory();
    }
    return bytes;
}

std::size_t LiveSnapshot::metric_number(MetricKind metric) const {
    const auto& metrics = options_->metrics;
    const auto at = std::find(metrics.begin(), metrics.end(), metric);
    if (at != metrics.end()) return static_cast<std::size_t>(at - metrics.begin());
    throw Error(Code::invalid_argument, fmt::format("there is no index for the metric {}", name(metric)));
}

void LiveSnapshot::require_attribute(std::size_t attribute) const {
    if (attribute < options_->attributes) return;
    throw Error(Code::invalid_argument,
                fmt::format("there is no attribute {}; the index has {}", attribute, options_->attributes));
}

}  // namespace crowfly
