#include "store/import_jobs.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "formats/reject_report.h"

namespace crowfly {

class ImportJobs::Run {
  public:
    Run(std::uint64_t number, ImportOrder order) : number_(number), order_(std::move(order)) {
        thread_ = std::jthread([this] { run(); });
    }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    ~Run() { cancel(); }

    void cancel() noexcept { stop_.request_stop(); }
    void wait() const { ended_.wait(false); }
    bool has_ended() const noexcept { return ended_; }

    ImportStatus status() const {
        ImportStatus status{.number = number_,
                            .collection = order_.collection,
                            .mode = order_.mode,
                            .rejects = order_.rejects,
                            .has_ended = ended_};
        if (const ImportJob* const job = made_) status.progress = job->progress();
        const std::scoped_lock lock(mutex_);
        status.error = error_;
        status.message = message_;
        // A job that could not even begin to read has not ended by itself.
        if (error_ && status.progress.phase == ImportPhase::reading) {
            status.progress.phase = *error_ == Code::cancelled ? ImportPhase::cancelled : ImportPhase::failed;
        }
        return status;
    }

  private:
    void run() {
        try {
            import();
        } catch (const Error& error) {
            set_error(error.code(), error.what());
        } catch (const std::bad_alloc&) {
            set_error(Code::out_of_memory, "out of memory");
        } catch (const std::exception& error) {
            set_error(Code::internal, error.what());
        }
        // Whoever feeds a source that was never opened is told so by what the functions hold.
        order_.make = nullptr;
        order_.open = nullptr;
        order_.published = nullptr;
        if (const auto tell = std::exchange(order_.ended, nullptr)) tell(status());
        ended_ = true;
        ended_.notify_all();
    }

    void import() {
        std::optional<RejectReport> report;
        std::function<void(const Reject&)> each;
        if (!order_.rejects.empty()) {
            report.emplace(order_.rejects);
            each = [&report](const Reject& reject) { report->add(reject); };
        }
        rejects_.emplace(order_.on_error, std::move(each));
        job_ = order_.make();
        made_ = job_.get();
        const std::stop_callback forward(stop_.get_token(), [this] { job_->cancel(); });
        const auto source = order_.open(*rejects_, job_->stop_token());
        job_->run(*source, *rejects_);
        // First: that the report is not whole takes nothing back.
        if (order_.published) order_.published(*job_);
        if (report) report->finish();
    }

    void set_error(Code code, const char* message) {
        const std::scoped_lock lock(mutex_);
        error_ = code;
        message_ = message;
    }

    std::uint64_t number_;
    ImportOrder order_;
    std::stop_source stop_;
    std::optional<Rejects> rejects_;
    std::unique_ptr<ImportJob> job_;
    std::atomic<const ImportJob*> made_ = nullptr;  // the same, once it is there
    mutable std::mutex mutex_;                      // of the two that follow
    std::optional<Code> error_;
    std::string message_;
    std::atomic<bool> ended_ = false;
    std::jthread thread_;  // last, so that it ends before all else goes
};

ImportJobs::ImportJobs(std::size_t most_running, std::size_t most_ended)
    : most_running_(most_running), most_ended_(most_ended) {}

ImportJobs::~ImportJobs() {
    for (const auto& [number, run] : runs_) run->cancel();
}

std::uint64_t ImportJobs::start(ImportOrder order) {
    const std::scoped_lock lock(mutex_);
    const auto running = static_cast<std::size_t>(std::count_if(
        runs_.begin(), runs_.end(), [](const auto& entry) { return !entry.second->has_ended(); }));
    if (running >= most_running_) {
        throw Error(Code::busy,
                    fmt::format("{} imports are running, which is as many as may; wait for one, or "
                                "cancel one",
                                running));
    }
    forget_the_oldest();
    const std::uint64_t number = ++last_;
    runs_.emplace(number, std::make_shared<Run>(number, std::move(order)));
    return number;
}

void ImportJobs::forget_the_oldest() {
    const auto has_ended = [](const auto& entry) { return entry.second->has_ended(); };
    auto ended = static_cast<std::size_t>(std::count_if(runs_.begin(), runs_.end(), has_ended));
    while (ended > most_ended_) {
        runs_.erase(std::find_if(runs_.begin(), runs_.end(), has_ended));
        --ended;
    }
}

std::shared_ptr<ImportJobs::Run> ImportJobs::run_of(std::uint64_t number) const {
    const std::scoped_lock lock(mutex_);
    const auto known = runs_.find(number);
    return known == runs_.end() ? nullptr : known->second;
}

std::vector<ImportStatus> ImportJobs::list() const {
    const std::scoped_lock lock(mutex_);
    std::vector<ImportStatus> all;
    for (const auto& [number, run] : runs_) all.push_back(run->status());
    return all;
}

std::optional<ImportStatus> ImportJobs::find(std::uint64_t number) const {
    const auto run = run_of(number);
    return run ? std::optional(run->status()) : std::nullopt;
}

bool ImportJobs::cancel(std::uint64_t number) {
    const auto run = run_of(number);
    if (run) run->cancel();
    return run != nullptr;
}

void ImportJobs::wait(std::uint64_t number) const {
    if (const auto run = run_of(number)) run->wait();
}

}  // namespace crowfly
