#include "core/live/run_set.h"

#include <algorithm>

#include "core/live/gather.h"

namespace crowfly {
namespace {

bool is_one_of(const LiveRun& run, const RunSet& some) {
    return std::any_of(some.begin(), some.end(), [&](const LiveRun& one) { return one.run == run.run; });
}

std::vector<std::uint32_t> places_of(std::span<const std::uint32_t> rows, const LiveRun& run) {
    std::vector<std::uint32_t> places;
    for (const std::uint32_t row : rows) {
        const auto place = run.run->place_of(row);
        if (place && run.has(*place)) places.push_back(*place);
    }
    return places;
}

}  // namespace

void erase_rows(RunSet& runs, std::span<const std::uint32_t> rows) {
    for (LiveRun& run : runs) run = run.without(places_of(rows, run));
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
        parts.push_back({run.run->columns(), run.dead_places()});
    }
    return gather(parts);
}

}  // namespace crowfly
