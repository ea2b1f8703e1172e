#include "store/embedded/embedded_store.h"

#include <fmt/format.h>

#include "core/error.h"
#include "store/embedded/embedded_collection.h"

namespace crowfly {

EmbeddedStore::EmbeddedStore(const std::string& path, sqlite::Access access, const StoreOptions& options)
    : store_(std::make_shared<OpenStore>(path, access, options)) {
    if (!store_->can_write) return;
    const std::scoped_lock lock(store_->file.mutex());
    sqlite::Transaction transaction(store_->file.connection());
    interrupted_ = import_log::roll_back(store_->file.connection());
    transaction.commit();
}

std::vector<Schema> EmbeddedStore::schemas() const {
    const std::scoped_lock lock(store_->file.mutex());
    std::vector<Schema> schemas;
    if (geopackage::is_empty(store_->file.connection())) return schemas;
    for (const geopackage::FeatureTable& table : geopackage::feature_tables(store_->file.connection())) {
        if (auto schema = PlaceTable::schema_of(store_->file.connection(), table))
            schemas.push_back(std::move(*schema));
    }
    return schemas;
}

std::unique_ptr<Collection> EmbeddedStore::open_collection(std::string_view name,
                                                           std::vector<MetricKind> metrics,
                                                           const EmbeddedOptions& options) const {
    std::string known;
    for (Schema& schema : schemas()) {
        if (schema.name == name) {
            return std::make_unique<EmbeddedCollection>(store_, std::move(schema), std::move(metrics),
                                                        options);
        }
        known += (known.empty() ? "" : ", ") + schema.name;
    }
    throw Error(Code::not_found, fmt::format("{}: there is no collection \"{}\"; the file has {}",
                                             store_->file.path(), name, known.empty() ? "none" : known));
}

std::unique_ptr<Collection> EmbeddedStore::create_collection(const Schema& schema,
                                                             std::vector<MetricKind> metrics,
                                                             PlaceSource& places,
                                                             const EmbeddedOptions& options) const {
    return std::make_unique<EmbeddedCollection>(store_, schema, std::move(metrics), options, places);
}

}  // namespace crowfly
