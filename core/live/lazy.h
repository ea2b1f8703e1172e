#pragma once

#include <functional>
#include <mutex>
#include <optional>

namespace crowfly {

/// Something that is made when it is first asked for, and then stays. Whoever asks meanwhile waits. What the
/// making throws goes to the one who asked; the next one tries again.
template <class T>
class Lazy {
  public:
    const T& get(const std::function<T()>& make) const {
        const std::scoped_lock lock(mutex_);
        if (!value_) value_.emplace(make());
        return *value_;
    }

    /// Null as long as it has not been made.
    const T* made() const {
        const std::scoped_lock lock(mutex_);
        return value_ ? &*value_ : nullptr;
    }

  private:
    mutable std::mutex mutex_;
    mutable std::optional<T> value_;
};

}  // namespace crowfly
