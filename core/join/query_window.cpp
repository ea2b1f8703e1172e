#include "core/join/query_window.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "core/index/tree_builder.h"

namespace crowfly {
namespace {

/// Those that are under way at a time; one that has done a block is there for the next.
class BlockSearchers {
  public:
    using Lent = std::unique_ptr<BlockSearcher>;

    BlockSearchers(const PreparedSide& queries, const ObjectIndex& objects, const JoinOptions& options)
        : queries_(queries), objects_(objects), options_(options) {}

    Lent take() {
        {
            const std::lock_guard lock(mutex_);
            if (!free_.empty()) {
                Lent searcher = std::move(free_.back());
                free_.pop_back();
                return searcher;
            }
        }
        return std::make_unique<BlockSearcher>(queries_, objects_, options_);
    }

    void give_back(Lent searcher) {
        const std::lock_guard lock(mutex_);
        free_.push_back(std::move(searcher));
    }

    /// When all have been given back.
    void add_counts(SearchCounts& sum) const {
        for (const Lent& searcher : free_) sum += searcher->counts();
    }

  private:
    const PreparedSide& queries_;
    const ObjectIndex& objects_;
    const JoinOptions& options_;
    std::mutex mutex_;
    std::vector<Lent> free_;
};

}  // namespace

QueryWindow::QueryWindow(const PreparedSide& queries, std::size_t first, std::size_t last,
                         const JoinOptions& options, Executor& executor)
    : queries_(queries), options_(options), executor_(executor), first_(first) {
    place_.assign(last - first, kNoPlace);
    const std::vector<std::uint32_t> present = queries.present(first, last);
    if (!present.empty()) {
        order_ = order_along_curve(queries.positions(), present, options.metric, executor);
    }
    blocks_.resize((order_.size() + kBlockQueries - 1) / kBlockQueries);
    executor.run(blocks_.size(), [&](std::size_t block) {
        const std::size_t end = std::min(order_.size(), (block + 1) * kBlockQueries);
        for (std::size_t i = block * kBlockQueries; i < end; ++i) {
            place_[order_[i] - first_] = static_cast<std::uint32_t>(i);
        }
    });
}

bool QueryWindow::search(const ObjectIndex& objects, std::uint64_t most, JoinMeter& meter,
                         SearchCounts& counts) {
    BlockSearchers searchers(queries_, objects, options_);
    std::atomic<bool> given_up = false;
    std::atomic<std::uint64_t> searched = 0;
    executor_.run(blocks_.size(), [&](std::size_t number) {
        if (given_up) return;
        const std::size_t begin = number * kBlockQueries;
        const std::size_t count = std::min(kBlockQueries, order_.size() - begin);
        meter.add_queries(count);
        searched += count;
        QueryBlock& block = blocks_[number];
        const std::size_t before = block.neighbors.size();
        BlockSearchers::Lent searcher = searchers.take();
        if (searcher->search(std::span(order_).subspan(begin, count), most, block)) {
            // Neighbors may also give way to fewer, nearer ones.
            const std::uint64_t size = size_ += block.neighbors.size() - before;
            if (size > most && order_.size() > 1) given_up = true;
        } else {
            given_up = true;
        }
        searchers.give_back(std::move(searcher));
    });
    searchers.add_counts(counts);
    if (given_up) meter.take_back_queries(searched);
    return !given_up;
}

}  // namespace crowfly
