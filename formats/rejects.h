#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace crowfly {

/// What to do with a row that is not a place.
enum class OnError { abort, skip };

/// A row that was refused.
struct Reject {
    std::string file;
    std::uint64_t line = 0;  ///< 1-based line on which the row starts; 0 in a file that has no lines
    std::string
        column;  ///< of a table: `column 5 (lat)`; of GeoJSON: the member; empty when it is the whole row
    std::string reason;

    /// `file:line: column: reason`, without what there is none of.
    std::string message() const;
};

/// Counts refused rows and keeps the first of them, or ends the reading at the first.
class Rejects {
  public:
    static constexpr std::size_t kKept = 10;

    explicit Rejects(OnError policy) : policy_(policy) {}

    /// With OnError::abort, throws Error(malformed) that carries the message.
    void add(Reject reject);

    std::uint64_t count() const noexcept { return count_; }
    const std::vector<Reject>& first() const noexcept { return first_; }

  private:
    OnError policy_;
    std::uint64_t count_ = 0;
    std::vector<Reject> first_;
};

}  // namespace crowfly
