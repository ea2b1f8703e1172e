#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/live/published.h"
#include "service/auth/key_file.h"
#include "service/file_stamp.h"

namespace crowfly {

/// The keys of a file, for those who judge requests. They may look from any number of threads, and never wait
/// for `reload_if_changed`, which one thread at a time calls.
class KeyStore {
  public:
    /// Throws as `read_key_file`.
    explicit KeyStore(std::string path);

    /// Whose key that is; nothing when it is none, is not in the file, or has expired.
    std::optional<Principal> find(std::string_view key, std::chrono::system_clock::time_point now) const;

    /// Reads the file again when it has changed, and says whether it has. When that fails it throws as
    /// `read_key_file`, once for each change, and the keys are as they were.
    bool reload_if_changed();

  private:
    /// A record by its id.
    using Records = std::unordered_map<std::string, KeyRecord>;

    static std::shared_ptr<const Records> read(const std::string& path);

    std::string path_;
    FileStamp stamp_;
    Published<const Records> records_;
};

}  // namespace crowfly
