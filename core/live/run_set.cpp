#include "core/live/run_set.h"

#include <algorithm>

#include "core/live/gather.h"

namespace crowfly {
namespace {

bool is_one_of(const LiveRun& run, const RunSet& some) {
    return std::any_of(some.begin(), some.end(), [&](const LiveRun& one) { return one.run == run.run; });
}

std::vector<std::uint32_t> seats_of(std::span<const std::uint32_t> rows, const LiveRun& run) {
    std::vector<std::uint32_t> seats;
    for (const std::uint32_t row : rows) {
        const auto seat = run.run->seat_of(row);
        if (seat && run.has(*seat)) seats.push_back(*seat);
    }
    return seats;
}

}  // namespace

void erase_rows(RunSet& runs, std::span<const std::uint32_t> rows) {
    for (LiveRun& run : runs) run = run.without(seats_of(rows, run));
    std::erase_if(runs, [](const LiveRun& run) { return run.size() == 0; });
}

void erase_runs(RunSet& runs, const RunSet& some) {
    std::erase_if(runs, [&](const LiveRun& run) { return is_one_of(run, some); });
}

RunSet due_runs(const RunSet& runs, const MergeWish& wish, const MergePolicy& policy, const RunSet& busy) {
    RunSet due;
    for (const LiveRun& run : runs) {
        if (run.run->has_shapes() == wish.shapes && !is_one_of(run, busy)) due.push_back(run);
    }
    std::stable_sort(due.begin(), due.end(), [](const LiveRun& a, const LiveRun& b) {
        return a.vertices().live() < b.vertices().live();
    });
    std::vector<RunSize> sizes;
    for (const LiveRun& run : due) sizes.push_back(run.vertices());
    due.resize(policy.due(sizes, wish.incoming, wish.most));
    return due;
}

LiveColumns columns_of(const RunSet& runs) {
    std::vector<ColumnsPart> parts;
    for (const LiveRun& run : runs) {
        parts.push_back({run.run->columns(), run.dead_seats()});
    }
    return gather(parts);
}

}  // namespace crowfly
