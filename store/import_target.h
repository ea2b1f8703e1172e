#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "store/collection.h"
#include "store/embedded/embedded_store.h"
#include "store/import_options.h"

namespace crowfly {

/// A collection that an import makes.
struct NewCollection {
    Schema schema;
    std::vector<MetricKind> metrics = {};
    EmbeddedOptions options = {};
};

/// Where the places of an import go, step by step.
class ImportTarget {
  public:
    ImportTarget() = default;
    ImportTarget(const ImportTarget&) = delete;
    ImportTarget& operator=(const ImportTarget&) = delete;
    virtual ~ImportTarget() = default;

    virtual const Schema& schema() const noexcept = 0;

    /// How many places `write` is given at a time.
    virtual std::size_t batch_rows() const noexcept = 0;

    /// Takes note of a place that has no fault; false when its id has come before. In the thread that reads.
    virtual bool admit(const Place& place) = 0;

    /// Puts by the places that were admitted, in their order. In another thread than `admit`.
    virtual void write(std::span<Place> places) = 0;

    /// The last steps, in the thread that reads, once all has been written.
    virtual void make_index(const Control& control) = 0;
    virtual void publish(const Control& control) = 0;

    /// Drops what has not been published. In the thread that reads, when nothing is written any more.
    virtual void abandon() noexcept = 0;

    /// How many places can be searched so far. In any thread.
    virtual std::uint64_t published() const noexcept = 0;

    /// The collection, if the import has made it.
    virtual std::unique_ptr<Collection> take_collection() { return nullptr; }
};

std::unique_ptr<ImportTarget> target_of_new_collection(const EmbeddedStore& store, const NewCollection& make,
                                                       const ImportOptions& options);

/// `into` must outlive the target. Throws as ImportJob.
std::unique_ptr<ImportTarget> target_of_collection(const EmbeddedStore& store, Collection& into,
                                                   const ImportOptions& options);

}  // namespace crowfly
