#include "store/embedded/embedded_store.h"

#include <fmt/format.h>

#include "core/error.h"
#include "store/embedded/embedded_collection.h"

namespace crowfly {

EmbeddedStore::EmbeddedStore(const std::string& path, sqlite::Access access)
    : file_(std::make_shared<StoreFile>(path, access)) {
    if (access == sqlite::Access::read_only) return;
    const std::scoped_lock lock(file_->mutex());
    sqlite::Transaction transaction(file_->connection());
    interrupted_ = import_log::roll_back(file_->connection());
    transaction.commit();
}

std::vector<Schema> EmbeddedStore::schemas() const {
    const std::scoped_lock lock(file_->mutex());
    std::vector<Schema> schemas;
    if (geopackage::is_empty(file_->connection())) return schemas;
    for (const geopackage::FeatureTable& table : geopackage::feature_tables(file_->connection())) {
        if (auto schema = PlaceTable::schema_of(file_->connection(), table))
            schemas.push_back(std::move(*schema));
    }
    return schemas;
}

std::unique_ptr<Collection> EmbeddedStore::open_collection(std::string_view name,
                                                           std::vector<MetricKind> metrics) const {
    std::string known;
    for (Schema& schema : schemas()) {
        if (schema.name == name) {
            return std::make_unique<EmbeddedCollection>(file_, std::move(schema), std::move(metrics));
        }
        known += (known.empty() ? "" : ", ") + schema.name;
    }
    throw Error(Code::not_found, fmt::format("{}: there is no collection \"{}\"; the file has {}",
                                             file_->path(), name, known.empty() ? "none" : known));
}

std::unique_ptr<Collection> EmbeddedStore::create_collection(const Schema& schema,
                                                             std::vector<MetricKind> metrics,
                                                             PlaceSource& places) const {
    return std::make_unique<EmbeddedCollection>(file_, schema, std::move(metrics), places);
}

}  // namespace crowfly
