#pragma once

#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "store/collection.h"

namespace crowfly {

/// The collections that are served. All members may be called from any thread.
class Catalog {
  public:
    Catalog() = default;
    explicit Catalog(std::vector<std::unique_ptr<Collection>> collections);
    Catalog(const Catalog&) = delete;
    Catalog& operator=(const Catalog&) = delete;

    /// Adds one whose name none has yet.
    void add(std::shared_ptr<Collection> collection);

    /// Null when there is none of that name.
    std::shared_ptr<Collection> find(std::string_view name) const;

    /// Throws Error(not_found) that names those there are.
    std::shared_ptr<Collection> require(std::string_view name) const;

    /// All, by name.
    std::vector<std::shared_ptr<Collection>> list() const;

    /// "a, b, c".
    std::string names() const;

  private:
    mutable std::shared_mutex mutex_;
    std::map<std::string, std::shared_ptr<Collection>, std::less<>> collections_;
};

}  // namespace crowfly
