#include "service/catalog.h"

#include <mutex>

#include <fmt/format.h>

#include "core/error.h"
#include "service/problem.h"

namespace crowfly {

Catalog::Catalog(std::vector<std::unique_ptr<Collection>> collections) {
    for (auto& collection : collections) add(std::move(collection));
}

void Catalog::add(std::shared_ptr<Collection> collection) {
    const std::unique_lock lock(mutex_);
    const std::string& name = collection->schema().name;
    collections_.emplace(name, std::move(collection));
}

std::shared_ptr<Collection> Catalog::find(std::string_view name) const {
    const std::shared_lock lock(mutex_);
    const auto found = collections_.find(name);
    return found == collections_.end() ? nullptr : found->second;
}

std::shared_ptr<Collection> Catalog::require(std::string_view name) const {
    if (auto collection = find(name)) return collection;
    throw Error(Code::not_found,
                fmt::format("there is no collection \"{}\"; there is {}", shown(name), names()));
}

std::vector<std::shared_ptr<Collection>> Catalog::list() const {
    const std::shared_lock lock(mutex_);
    std::vector<std::shared_ptr<Collection>> all;
    for (const auto& [name, collection] : collections_) all.push_back(collection);
    return all;
}

std::string Catalog::names() const {
    std::string names;
    for (const auto& collection : list()) names += (names.empty() ? "" : ", ") + collection->schema().name;
    return names.empty() ? "none" : names;
}

}  // namespace crowfly
