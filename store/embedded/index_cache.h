#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/executor.h"
#include "core/live/live_snapshot.h"
#include "store/collection.h"
#include "store/embedded/category_names.h"
#include "store/embedded/collection_record.h"
#include "store/embedded/expiry_queue.h"
#include "store/embedded/loaded_rows.h"
#include "store/embedded/row_columns.h"

namespace crowfly {

/// What an index cache was made from: it holds for a collection that has this key too.
struct CacheKey {
    CacheKey(const Schema& schema, std::span<const Attribute> hot, const CollectionRecord& file);

    CollectionRecord record;
    std::uint64_t schema;  ///< a hash of the schema and of which attributes are hot
};

/// Where the index cache of a collection is: beside the store.
std::string index_cache_path(const std::string& store, std::string_view collection);

/// What is in an index cache: all that a collection has in memory. docs/format.md draws it.
struct CacheContent {
    const RowColumns& rows;
    std::size_t hot_count;
    const CategoryNames& categories;
    const ExpiryQueue& expiries;
    const LiveSnapshot& index;  ///< at most one run of points and one of shapes, without dead rows
};

/// Writes the cache anew; who may read the store may read it. Throws Error(permission_denied) or Error(io).
/// Memory: 4 bytes a row.
void save_index_cache(const std::string& store, std::string_view collection, const CacheKey& key,
                      const CacheContent& content);

/// The rows and, where all are points, the indexes; those for metrics that are not in the cache are built.
/// Trusts nothing: throws Error(corrupt) that says what is wrong unless all of it can be right,
/// Error(conflict) for another key, Error(unsupported) for another version, and as reading files does. Cost:
/// O(bytes).
LoadedRows load_index_cache(const std::string& path, const CacheKey& key, const Schema& schema,
                            std::span<const Attribute> hot, std::span<const MetricKind> metrics,
                            Executor& executor);

}  // namespace crowfly
