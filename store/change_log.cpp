#include "store/change_log.h"

namespace crowfly {

ChangeLog::ChangeLog(std::size_t retained_changes, std::uint64_t last)
    : capacity_(retained_changes), last_(last) {}

void ChangeLog::append(std::shared_ptr<const CommittedBatch> batch) {
    if (batch->changes.size() > capacity_) return pass_over(batch->sequence_number);
    const std::scoped_lock lock(mutex_);
    batches_.push_back(batch);
    last_ = batch->sequence_number;
    retained_ += batch->changes.size();
    while (retained_ > capacity_) {
        retained_ -= batches_.front()->changes.size();
        batches_.pop_front();
    }
}

void ChangeLog::pass_over(std::uint64_t sequence_number) {
    const std::scoped_lock lock(mutex_);
    batches_.clear();
    retained_ = 0;
    last_ = sequence_number;
}

ChangeFeed ChangeLog::since(std::uint64_t sequence_number, std::size_t limit) const {
    const std::scoped_lock lock(mutex_);
    ChangeFeed feed{.last = last_};
    const std::uint64_t oldest = last_ + 1 - batches_.size();
    feed.missed = sequence_number + 1 < oldest || sequence_number > last_;
    if (feed.missed) return feed;
    std::size_t changes = 0;
    for (std::size_t i = sequence_number + 1 - oldest; i < batches_.size(); ++i) {
        changes += batches_[i]->changes.size();
        if (changes > limit && !feed.batches.empty()) break;
        feed.batches.push_back(batches_[i]);
    }
    return feed;
}

}  // namespace crowfly
