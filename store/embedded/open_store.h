#pragma once

#include <string>

#include "core/executor.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/merge_thread.h"
#include "store/embedded/store_file.h"
#include "store/embedded/store_writer.h"

namespace crowfly {

/// What all collections of an open store share. They hold it together: it ends with the last of them.
struct OpenStore {
    OpenStore(const std::string& path, sqlite::Access access, const StoreOptions& options)
        : executor(options.executor != nullptr ? *options.executor : serial_executor()),
          file(path, access),
          can_write(access != sqlite::Access::read_only),
          writer(file, options.group_commit),
          merges(executor) {
        // SQLite's own 2 MB do not hold the leaves of an index over ids in no order.
        if (can_write) file.connection().execute("PRAGMA cache_size = -32768");
    }

    Executor& executor;
    StoreFile file;  // before the threads, so that it closes after them
    bool can_write;
    StoreWriter writer;
    MergeThread merges;
};

}  // namespace crowfly
