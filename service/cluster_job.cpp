#include "service/cluster_job.h"

#include <new>
#include <utility>

#include <spdlog/spdlog.h>

#include "core/error.h"

namespace crowfly {

ClusterJob::ClusterJob(std::unique_ptr<ClusterTask> task, RowFormat format, bool is_gathered)
    : collection_(task->collection().schema().name),
      format_(format),
      task_(std::move(task)),
      is_gathered_(is_gathered) {}

void ClusterJob::run(Executor& executor) noexcept {
    try {
        const Control control{.stop = stop_.get_token()};
        control.check();
        go_to(Phase::reading);
        if (!is_gathered_) task_->gather(control);
        go_to(Phase::clustering);
        auto found = task_->run(executor, control, [this](std::uint64_t done, std::uint64_t total) {
            done_ = done;
            total_ = total;
        });
        const std::scoped_lock lock(mutex_);
        found_ = std::move(found);
        phase_ = Phase::finished;
    } catch (const Error& error) {
        const bool is_cancelled = error.code() == Code::cancelled;
        const CodeInfo& code = info(error.code());
        const bool is_for_the_client = is_cancelled || code.http_status < 500;
        if (!is_for_the_client) spdlog::error("clusters of {}: {}", collection_, error.what());
        fail(is_cancelled ? Phase::cancelled : Phase::failed, code,
             is_for_the_client ? error.what() : std::string(code.title));
    } catch (const std::bad_alloc&) {
        fail(Phase::failed, info(Code::out_of_memory), std::string(info(Code::out_of_memory).title));
    } catch (const std::exception& error) {
        spdlog::error("clusters of {}: {}", collection_, error.what());
        fail(Phase::failed, info(Code::internal), std::string(info(Code::internal).title));
    }
    task_.reset();
}

void ClusterJob::go_to(Phase phase) {
    const std::scoped_lock lock(mutex_);
    phase_ = phase;
}

void ClusterJob::fail(Phase phase, const CodeInfo& code, std::string detail) {
    const std::scoped_lock lock(mutex_);
    phase_ = phase;
    error_ = &code;
    detail_ = std::move(detail);
}

void ClusterJob::forget() noexcept {
    const std::scoped_lock lock(mutex_);
    found_ = nullptr;
}

bool ClusterJob::has_ended() const {
    const std::scoped_lock lock(mutex_);
    return phase_ >= Phase::finished;
}

std::string_view ClusterJob::name(Phase phase) noexcept {
    switch (phase) {
        case Phase::waiting:
            return "waiting";
        case Phase::reading:
            return "reading";
        case Phase::clustering:
            return "clustering";
        case Phase::finished:
            return "finished";
        case Phase::cancelled:
            return "cancelled";
        case Phase::failed:
            break;
    }
    return "failed";
}

void ClusterJob::write_status(JsonWriter& json) const {
    const std::scoped_lock lock(mutex_);
    json.key("status").string(phase_ >= Phase::finished ? name(phase_) : "running");
    json.key("phase").string(name(phase_));
    json.key("done").number(done_.load()).key("total").number(total_.load());
    if (found_ != nullptr) json.key("places").number(found_->places).key("clusters").number(found_->clusters);
    if (error_ == nullptr) return;
    json.key("error").begin_object().key("code").string(error_->name).key("title").string(error_->title);
    json.key("detail").string(detail_).end_object();
}

std::optional<HttpResponse> ClusterJob::product(std::string_view name) const {
    const std::scoped_lock lock(mutex_);
    if (name != "result" || found_ == nullptr) return std::nullopt;
    return reply_of(found_, format_);
}

}  // namespace crowfly
