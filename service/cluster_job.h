#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "service/cluster_task.h"
#include "service/jobs.h"

namespace crowfly {

/// Clusters that nobody waits for. Its product is `result`.
class ClusterJob final : public Job {
  public:
    /// `is_gathered`: which places count is known already.
    ClusterJob(std::unique_ptr<ClusterTask> task, RowFormat format, bool is_gathered);

    /// Does it, to its end.
    void run(Executor& executor) noexcept;

    /// What it has found is not kept any longer.
    void forget() noexcept;

    std::string_view kind() const noexcept override { return "clusters"; }
    const std::string& collection() const noexcept override { return collection_; }
    bool has_ended() const override;
    void cancel() noexcept override { stop_.request_stop(); }
    void write_status(JsonWriter& json) const override;
    std::optional<HttpResponse> product(std::string_view name) const override;

  private:
    enum class Phase { waiting, reading, clustering, finished, cancelled, failed };

    static std::string_view name(Phase phase) noexcept;
    void go_to(Phase phase);
    void fail(Phase phase, const CodeInfo& code, std::string detail);

    const std::string collection_;
    const RowFormat format_;
    std::unique_ptr<ClusterTask> task_;  ///< null when it has ended
    bool is_gathered_;
    std::stop_source stop_;
    std::atomic<std::uint64_t> done_ = 0;
    std::atomic<std::uint64_t> total_ = 0;

    mutable std::mutex mutex_;  ///< of what follows
    Phase phase_ = Phase::waiting;
    std::shared_ptr<const FoundClusters> found_;
    const CodeInfo* error_ = nullptr;
    std::string detail_;
};

}  // namespace crowfly
