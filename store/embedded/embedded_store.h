#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/executor.h"
#include "store/collection.h"
#include "store/embedded/import_log.h"
#include "store/embedded/sqlite.h"

namespace crowfly {

struct OpenStore;

/// How a store is kept while it is open.
struct StoreOptions {
    GroupCommit group_commit = {};

    /// Lends threads to build indexes and to merge them, as long as the store or one of its collections is
    /// open; none: those that need it do it alone.
    Executor* executor = nullptr;
};

/// How a collection in a store is kept while it is open.
struct EmbeddedOptions {
    CollectionOptions collection = {};

    /// Names of attributes that are kept in memory too, so that searches need not read them from the file.
    std::vector<std::string> hot_attributes = {};

    /// A collection of at least so many places has an index cache beside the store, which is written when it
    /// is closed after it was written to, and saves loading its rows from the file. Nothing is lost with it.
    std::size_t cache_from = 20'000;

    /// Told why an index cache could not be used, so that the rows were loaded from the file, or not written.
    std::function<void(const std::string&)> on_cache_fault = {};

    /// Erase places soon after their time to live is over; else only `erase_expired` does.
    bool erase_expired = true;
};

/// Collections in one SQLite file that is a valid GeoPackage 1.3: QGIS, GDAL and GeoPandas open it as it is.
/// Writes are whole or absent, and on disk when the call returns (WAL, synchronous=FULL).
///
///     EmbeddedStore store("demo.gpkg", sqlite::Access::read_only);
///     const auto places = store.open_collection("places", {MetricKind::spheroid});
///     places->nearest({.point = {-118.29, 36.58}}, 10, 50'000);
class EmbeddedStore {
  public:
    /// With Access::create a missing file is made, and is removed again when no collection was put into it.
    /// One store at a time, in one process, may be open for writing; any number may read meanwhile.
    /// Throws Error(not_found) for a missing file, Error(corrupt) for one that is not a GeoPackage,
    /// Error(busy) that says who has it open for writing, Error(permission_denied) when it may not be
    /// written, Error(unsupported) when a newer crowfly has made it such that this one cannot do that with
    /// it.
    EmbeddedStore(const std::string& path, sqlite::Access access, const StoreOptions& options = {});

    /// The collections in the file, by name. Feature tables of another layout are not collections.
    std::vector<Schema> schemas() const;

    /// Loads a collection and builds an index for each metric. Only one object may be open for a collection
    /// that is written to. Throws Error(not_found) when the file has none of that name, naming those it has.
    std::unique_ptr<Collection> open_collection(std::string_view name, std::vector<MetricKind> metrics,
                                                const EmbeddedOptions& options = {}) const;

    /// Makes a collection with its first places: both or neither. Throws Error(conflict) when the name is
    /// taken.
    std::unique_ptr<Collection> create_collection(const Schema& schema, std::vector<MetricKind> metrics,
                                                  PlaceSource& places,
                                                  const EmbeddedOptions& options = {}) const;

    /// Imports that had been interrupted when the file was opened for writing, and are now rolled back.
    const std::vector<InterruptedImport>& interrupted_imports() const noexcept { return interrupted_; }

    /// For those who work on the file itself, and may hold it.
    const std::shared_ptr<OpenStore>& open_store() const noexcept { return store_; }

  private:
    std::shared_ptr<OpenStore> store_;
    std::vector<InterruptedImport> interrupted_;
};

}  // namespace crowfly
