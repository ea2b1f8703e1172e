#include "cli/import_watch.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include <signal.h>

#include "cli/interrupt.h"

namespace crowfly {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{50};

}  // namespace

ImportWatch::ImportWatch(ImportJob& job)
    : job_(job), thread_([this](const std::stop_token& stop) { look(stop); }) {}

ImportWatch::~ImportWatch() = default;

void ImportWatch::look(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    std::optional<Progress> progress;
    while (!stopped.wait_for(lock, stop, kBetweenLooks, [&] { return stop.stop_requested(); })) {
        const ImportProgress now = job_.progress();
        if (Interrupt::noted()) {
            job_.cancel();
            // The system may have given the signal to another thread than the one that waits for input.
            if (now.phase == ImportPhase::reading) ::pthread_kill(runner_, SIGINT);
        }
        if (now.phase != ImportPhase::indexing && now.phase != ImportPhase::publishing) continue;
        if (!progress) progress.emplace("storing");
        progress->update(0, 0, now.valid);
    }
}

}  // namespace crowfly
