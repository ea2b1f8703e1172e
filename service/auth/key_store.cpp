#include "service/auth/key_store.h"

#include <memory>
#include <utility>

namespace crowfly {

KeyStore::KeyStore(std::string path)
    : path_(std::move(path)), stamp_(FileStamp::of(path_)), records_(read(path_)) {}

std::shared_ptr<const KeyStore::Records> KeyStore::read(const std::string& path) {
    auto records = std::make_shared<Records>();
    for (KeyRecord& record : read_key_file(path)) {
        std::string id = record.id;
        records->emplace(std::move(id), std::move(record));
    }
    return records;
}

std::optional<Principal> KeyStore::find(std::string_view key,
                                        std::chrono::system_clock::time_point now) const {
    const auto id = id_of_api_key(key);
    if (!id) return std::nullopt;
    const KeyHash hash = hash_of(key);
    const auto records = records_.load();
    const auto found = records->find(std::string(*id));
    if (found == records->end()) return std::nullopt;
    const KeyRecord& record = found->second;
    if (!equal(record.hash, hash) || (record.expires && now >= *record.expires)) return std::nullopt;
    return Principal{.role = record.role, .id = record.id, .collections = record.collections};
}

bool KeyStore::reload_if_changed() {
    // The stamp is taken before the file is read: what is written meanwhile is seen the next time.
    const FileStamp stamp = FileStamp::of(path_);
    if (stamp == stamp_) return false;
    stamp_ = stamp;
    records_.store(read(path_));
    return true;
}

}  // namespace crowfly
