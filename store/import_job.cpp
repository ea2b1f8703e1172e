#include "store/import_job.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/error.h"
#include "store/batch_writer.h"

namespace crowfly {

ImportJob::ImportJob(const EmbeddedStore& store, const NewCollection& make, const ImportOptions& options)
    : ImportJob(target_of_new_collection(store, make, options), options) {}

ImportJob::ImportJob(const EmbeddedStore& store, Collection& into, const ImportOptions& options)
    : ImportJob(target_of_collection(store, into, options), options) {}

ImportJob::ImportJob(std::unique_ptr<ImportTarget> target, const ImportOptions& options)
    : target_(std::move(target)),
      mode_(options.mode),
      caller_(options.control),
      control_{.deadline = options.control.deadline, .stop = stop_.get_token()} {}

ImportJob::~ImportJob() = default;

void ImportJob::run(PlaceSource& places, const Rejects& rejects) {
    const std::stop_callback forward(caller_.stop, [this] { cancel(); });
    rejects_ = &rejects;
    start_ = Clock::now();
    try {
        read(places);
        phase_ = ImportPhase::indexing;
        target_->make_index(control_);
        phase_ = ImportPhase::publishing;
        target_->publish(control_);
        end(ImportPhase::finished);
    } catch (const Error& error) {
        const bool was_told = error.code() == Code::cancelled || error.code() == Code::deadline_exceeded;
        end(was_told ? ImportPhase::cancelled : ImportPhase::failed);
        throw;
    } catch (...) {
        end(ImportPhase::failed);
        throw;
    }
}

void ImportJob::read(PlaceSource& places) {
    constexpr std::uint64_t kRowsBetweenLooks = 64;
    BatchWriter writer(target_->batch_rows(), [this](std::span<Place> batch) { target_->write(batch); });
    PlaceBatch batch = writer.take();
    for (std::uint64_t rows = 0; places.next(batch.next()); ++rows) {
        if (rows % kRowsBetweenLooks == 0) control_.check();
        if (!admits(batch.next(), places)) continue;
        batch.add();
        valid_.fetch_add(1, std::memory_order_relaxed);
        if (!batch.is_full()) continue;
        writer.put(std::move(batch));
        batch = writer.take();
    }
    control_.check();
    writer.put(std::move(batch));
    writer.finish();
}

/// Whether a place can be in the collection; if not, it is refused to the source.
bool ImportJob::admits(Place& place, PlaceSource& places) {
    if (const auto fault = place_fault(place, target_->schema())) {
        places.refuse(fault->member, fault->reason);
        return false;
    }
    if (place.shape != nullptr) place.set_geometry(place.shape);
    if (place.id.empty()) place.id = random_uuid();
    if (target_->admit(place)) return true;
    places.refuse("id", fmt::format("\"{}\" appears twice", place.id));
    return false;
}

void ImportJob::end(ImportPhase phase) noexcept {
    if (phase != ImportPhase::finished) target_->abandon();
    end_ = Clock::now();
    phase_ = phase;
}

ImportProgress ImportJob::progress() const {
    const Rejects* const rejects = rejects_;
    ImportProgress progress{.phase = phase_};
    // Before those that they are among, so that no more are published than are valid.
    progress.published = target_->published();
    progress.valid = valid_.load(std::memory_order_relaxed);
    progress.rejected = rejects != nullptr ? rejects->count() : 0;
    const auto until = std::min(end_.load(), Clock::now());
    progress.seconds = std::chrono::duration<double>(until - start_.load()).count();
    return progress;
}

std::unique_ptr<Collection> ImportJob::take_collection() {
    return target_->take_collection();
}

}  // namespace crowfly
