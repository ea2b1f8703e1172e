#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
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

    /// The row as it stands in the file, without its line end; at most kLongestRow bytes of it. Only there
    /// when `Rejects::wants_rows`, and in files of text.
    std::string row = {};

    static constexpr std::size_t kLongestRow = 1U << 20U;

    /// `file:line: column: reason`, without what there is none of.
    std::string message() const;
};

/// Counts refused rows and keeps the first of them, or ends the reading at the first.
class Rejects {
  public:
    static constexpr std::size_t kKept = 10;

    /// `each` is given every reject, with its row; also the one that ends the reading.
    explicit Rejects(OnError policy, std::function<void(const Reject&)> each = {})
        : policy_(policy), each_(std::move(each)) {}

    /// With OnError::abort, throws Error(malformed) that carries the message.
    void add(Reject reject);

    bool wants_rows() const noexcept { return each_ != nullptr; }

    /// May be asked from any thread.
    std::uint64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }
    const std::vector<Reject>& first() const noexcept { return first_; }

  private:
    OnError policy_;
    std::function<void(const Reject&)> each_;
    std::atomic<std::uint64_t> count_ = 0;
    std::vector<Reject> first_;
};

}  // namespace crowfly
