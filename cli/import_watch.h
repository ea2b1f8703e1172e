#pragma once

#include <thread>

#include <pthread.h>

#include "cli/progress.h"
#include "store/import_job.h"

namespace crowfly {

/// Looks after an import from a thread of its own: shows its last steps on the terminal, where the source's
/// own bar has ended, and cancels it once a signal has come, which Interrupt must be there to note.
class ImportWatch {
  public:
    /// To be made in the thread that runs the job.
    explicit ImportWatch(ImportJob& job);
    ImportWatch(const ImportWatch&) = delete;
    ImportWatch& operator=(const ImportWatch&) = delete;
    ~ImportWatch();

  private:
    void look(const std::stop_token& stop);

    ImportJob& job_;
    pthread_t runner_ = ::pthread_self();
    std::jthread thread_;
};

}  // namespace crowfly
