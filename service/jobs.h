#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/json_writer.h"
#include "service/auth/principal.h"
#include "service/http.h"

namespace crowfly {

/// Something long that a request has begun, and that others ask about. All members may be called from any
/// thread.
class Job {
  public:
    Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    virtual ~Job() = default;

    virtual std::string_view kind() const noexcept = 0;  ///< such as "import"
    virtual const std::string& collection() const noexcept = 0;
    virtual bool has_ended() const = 0;

    /// Asks it to end soon.
    virtual void cancel() noexcept = 0;

    /// Who may do so, of those who may read the collection.
    virtual Role needed_to_cancel() const noexcept { return Role::reader; }

    /// Writes how far it is, as members of an object that is open.
    virtual void write_status(JsonWriter& json) const = 0;

    /// What it has made, by name; null when it makes nothing of that name, or not yet.
    virtual std::optional<HttpResponse> product(std::string_view /*name*/) const { return std::nullopt; }
};

/// The jobs of a service, by ids that cannot be guessed. All members may be called from any thread.
class Jobs {
  public:
    static constexpr std::size_t kMostEnded = 100;

    /// Of so many that have ended the last are remembered.
    explicit Jobs(std::size_t most_ended = kMostEnded) : most_ended_(most_ended) {}

    /// Returns its id.
    std::string add(std::shared_ptr<Job> job);

    /// Null when there is none of that id, or no longer.
    std::shared_ptr<Job> find(std::string_view id) const;

    struct Known {
        std::string id;
        std::shared_ptr<Job> job;
    };

    /// All, in the order they were begun.
    std::vector<Known> list() const;

  private:
    const std::size_t most_ended_;
    mutable std::mutex mutex_;
    std::vector<Known> jobs_;
};

}  // namespace crowfly
