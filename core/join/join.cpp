#include "core/join/join.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/join/controlled_executor.h"
#include "core/join/meter.h"
#include "core/join/object_index.h"
#include "core/join/prepared_side.h"
#include "core/join/query_window.h"
#include "core/join/require_valid.h"
#include "core/join/row_output.h"
#include "core/live/live_snapshot.h"

namespace crowfly {
namespace {

using Clock = std::chrono::steady_clock;

/// One join from its prepared query side on.
class Join {
  public:
    Join(const JoinSide& queries, const JoinOptions& options, Executor& executor, const JoinSink& sink)
        : options_(options),
          executor_(executor, options.control),
          sink_(sink),
          queries_((require_valid(options, queries.size()), queries), kQuerySide, options.metric,
                   options.match, executor_) {}

    const PreparedSide& queries() const { return queries_; }
    Executor& executor() { return executor_; }

    template <class Work>
    void build(const Work& work) {
        const Clock::time_point start = Clock::now();
        work();
        summary_.build_time += Clock::now() - start;
    }

    /// All objects in one index: window by window.
    void search(const ObjectIndex& objects) {
        JoinMeter meter(options_, queries_.size());
        RowOutput output(options_, executor_, meter, sink_);
        const std::uint64_t most =
            std::max<std::uint64_t>(options_.memory_budget / 8 / sizeof(Neighbor), kLeastWaiting);
        std::uint64_t count = most / std::max<std::uint64_t>(1, expected_for_one(objects));
        for (std::size_t first = 0; first < queries_.size();) {
            count = std::clamp<std::uint64_t>(count, 1, kMostQueries);
            const std::size_t last = first + std::min<std::uint64_t>(count, queries_.size() - first);
            QueryWindow window(queries_, first, last, options_, executor_);
            if (!window.search(objects, most, meter, summary_.counts)) {
                count = (last - first) / 4;
                continue;
            }
            output.give(window);
            if (window.size() < most / 4) count *= 2;
            first = last;
        }
        finish(meter);
    }

    /// One index after the other, as `next` makes them.
    template <class Next>
    void search_each(const Next& next) {
        JoinMeter meter(options_, 0);
        RowOutput output(options_, executor_, meter, sink_);
        QueryWindow window(queries_, 0, queries_.size(), options_, executor_);
        for (;;) {
            std::optional<ObjectIndex> objects;
            build([&] { next(objects); });
            if (!objects) break;
            window.search(*objects, kNoEnd, meter, summary_.counts);
        }
        output.give(window);
        finish(meter);
    }

    JoinSummary summary() const { return summary_; }

  private:
    static constexpr std::uint64_t kLeastWaiting = std::uint64_t{1} << 16U;
    static constexpr std::uint64_t kMostQueries = std::uint64_t{1} << 20U;
    static constexpr std::uint64_t kNoEnd = std::numeric_limits<std::uint64_t>::max();

    std::uint64_t expected_for_one(const ObjectIndex& objects) const {
        const std::uint64_t of_part = std::min<std::uint64_t>(options_.k, objects.size());
        return of_part * std::max<std::size_t>(1, objects.part_count());
    }

    void finish(JoinMeter& meter) {
        summary_.rows = meter.rows();
        meter.tell();
        summary_.total_time = Clock::now() - start_;
    }

    Clock::time_point start_ = Clock::now();
    const JoinOptions& options_;
    ControlledExecutor executor_;
    const JoinSink& sink_;
    PreparedSide queries_;
    JoinSummary summary_;
};

}  // namespace

JoinSummary join(const JoinSide& queries, const JoinSide& objects, const JoinOptions& options,
                 Executor& executor, const JoinSink& sink) {
    Join join(queries, options, executor, sink);
    const PreparedSide side(objects, kObjectSide, options.metric, options.match, join.executor());
    require_valid_partition(options, side.size());
    const bool as_shapes = join.queries().has_shapes() || side.has_shapes();
    const auto index_over = [&](std::size_t first, std::size_t last) {
        return ObjectIndex(side, first, last, 0, as_shapes, options, join.executor());
    };
    const std::uint64_t budget = options.memory_budget / 4 * 3;
    if (ObjectIndex::bytes_for(side, 0, side.size(), as_shapes) <= budget) {
        std::optional<ObjectIndex> index;
        join.build([&] { index.emplace(index_over(0, side.size())); });
        join.search(*index);
        return join.summary();
    }
    std::size_t first = 0;
    join.search_each([&](std::optional<ObjectIndex>& index) {
        if (first == side.size()) return;
        const std::size_t last = ObjectIndex::end_within(budget, side, first, as_shapes);
        index.emplace(index_over(first, last));
        first = last;
    });
    return join.summary();
}

JoinSummary join(const JoinSide& queries, ObjectBlocks& objects, const JoinOptions& options,
                 Executor& executor, const JoinSink& sink) {
    Join join(queries, options, executor, sink);
    std::size_t first_row = 0;
    join.search_each([&](std::optional<ObjectIndex>& index) {
        JoinSide block;
        if (!objects.next(block)) {
            require_valid_partition(options, first_row);
            return;
        }
        const PreparedSide side(block, kObjectSide, options.metric, options.match, join.executor(),
                                first_row);
        require_valid_rows(options, first_row + side.size());
        index.emplace(side, 0, side.size(), first_row, join.queries().has_shapes() || side.has_shapes(),
                      options, join.executor());
        first_row += side.size();
    });
    return join.summary();
}

JoinSummary join(const JoinSide& queries, const PointIndex& objects, const JoinOptions& options,
                 Executor& executor, const JoinSink& sink) {
    require_fitting(objects.metric(), options);
    Join join(queries, options, executor, sink);
    if (join.queries().has_shapes()) {
        throw Error(Code::unsupported, "shapes are no queries for an index over points");
    }
    join.search(ObjectIndex(objects, options));
    return join.summary();
}

JoinSummary join(const JoinSide& queries, const ShapeIndex& objects, const JoinOptions& options,
                 Executor& executor, const JoinSink& sink) {
    require_fitting(objects.metric(), options);
    Join join(queries, options, executor, sink);
    join.search(ObjectIndex(objects, options));
    return join.summary();
}

JoinSummary join(const JoinSide& queries, const LiveObjects& objects, const JoinOptions& options,
                 Executor& executor, const JoinSink& sink) {
    objects.rows.metric_number(options.metric);
    require_fitting(options.metric, options);
    Join join(queries, options, executor, sink);
    join.search(ObjectIndex(objects, options));
    return join.summary();
}

}  // namespace crowfly
