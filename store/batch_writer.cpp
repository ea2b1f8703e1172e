#include "store/batch_writer.h"

#include <utility>

namespace crowfly {
namespace {

// One is made, one is written, one waits.
constexpr std::size_t kBatches = 3;

}  // namespace

BatchWriter::BatchWriter(std::size_t batch_rows, Write write) : write_(std::move(write)) {
    for (std::size_t i = 0; i < kBatches; ++i) empty_.emplace_back(batch_rows);
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

BatchWriter::~BatchWriter() {
    thread_.request_stop();
    thread_.join();
}

PlaceBatch BatchWriter::take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return error_ || !empty_.empty(); });
    if (error_) std::rethrow_exception(error_);
    PlaceBatch batch = std::move(empty_.back());
    empty_.pop_back();
    return batch;
}

void BatchWriter::put(PlaceBatch batch) {
    const std::scoped_lock lock(mutex_);
    full_.push_back(std::move(batch));
    changed_.notify_all();
}

void BatchWriter::finish() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return error_ || (full_.empty() && !is_writing_); });
    if (error_) std::rethrow_exception(error_);
}

void BatchWriter::work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !full_.empty(); }) && !stop.stop_requested() &&
           !error_) {
        PlaceBatch batch = std::move(full_.front());
        full_.pop_front();
        is_writing_ = true;
        lock.unlock();
        std::exception_ptr error;
        try {
            write_(batch.places());
        } catch (...) {
            error = std::current_exception();
        }
        batch.clear();
        lock.lock();
        is_writing_ = false;
        error_ = error;
        empty_.push_back(std::move(batch));
        changed_.notify_all();
    }
}

}  // namespace crowfly
