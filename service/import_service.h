#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "formats/byte_feed.h"
#include "service/catalog.h"
#include "service/import_request.h"
#include "service/jobs.h"
#include "store/embedded/embedded_store.h"
#include "store/import_jobs.h"

namespace crowfly {

struct ImportSettings {
    /// What is imported into; it must outlive the service. Null: imports are not served.
    const EmbeddedStore* store = nullptr;

    /// For the reports of rejects, of which those that were left behind are removed. Empty: one is made among
    /// the system's temporary files, and removed at the end.
    std::string rejects_directory = {};

    std::size_t most_running = 4;
    std::size_t most_bytes = std::size_t{16} << 30U;  ///< of a body, as it comes

    EmbeddedOptions collections = {};  ///< of those that imports make

    /// Called at the end of each import, in its thread; must not throw.
    std::function<void(const ImportStatus&)> ended = {};
};

/// The imports of a service, each a Job that reads what a connection feeds it. All members may be called from
/// any thread.
class ImportService {
  public:
    /// `catalog` and `jobs` must outlive the service.
    ImportService(ImportSettings settings, Catalog& catalog, Jobs& jobs);
    ImportService(const ImportService&) = delete;
    ImportService& operator=(const ImportService&) = delete;

    /// Cancels those that run, and waits for them.
    ~ImportService();

    std::size_t most_bytes() const noexcept { return settings_.most_bytes; }

    /// Throws Error(unsupported) when imports are not served.
    void require_served() const;

    /// An import that has begun.
    struct Begun {
        std::string id;
        std::shared_ptr<Job> job;
        std::shared_ptr<ByteFeed> feed;  ///< for the body
    };

    /// Throws Error(busy) when too many run.
    Begun begin(const ImportRequest& request);

  private:
    class Directory;
    class Run;

    ImportOrder order(const ImportRequest& request, std::shared_ptr<ByteFeed> feed);

    const ImportSettings settings_;
    Catalog& catalog_;
    Jobs& jobs_;
    std::shared_ptr<const Directory> rejects_;
    ImportJobs imports_;  // last, since what runs uses the others
};

}  // namespace crowfly
