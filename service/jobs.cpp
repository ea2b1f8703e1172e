#include "service/jobs.h"

#include <algorithm>

#include "store/collection.h"

namespace crowfly {

std::string Jobs::add(std::shared_ptr<Job> job) {
    std::string id = random_uuid();
    std::vector<Known> forgotten;  // destroyed after the lock is let go
    const std::lock_guard lock(mutex_);
    auto ended =
        std::count_if(jobs_.begin(), jobs_.end(), [](const Known& known) { return known.job->has_ended(); });
    for (auto at = jobs_.begin(); at != jobs_.end() && static_cast<std::size_t>(ended) > most_ended_;) {
        if (!at->job->has_ended()) {
            ++at;
            continue;
        }
        forgotten.push_back(std::move(*at));
        at = jobs_.erase(at);
        --ended;
    }
    jobs_.push_back({id, std::move(job)});
    return id;
}

std::shared_ptr<Job> Jobs::find(std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const auto at =
        std::find_if(jobs_.begin(), jobs_.end(), [&](const Known& known) { return known.id == id; });
    return at == jobs_.end() ? nullptr : at->job;
}

std::vector<Jobs::Known> Jobs::list() const {
    const std::lock_guard lock(mutex_);
    return jobs_;
}

}  // namespace crowfly
