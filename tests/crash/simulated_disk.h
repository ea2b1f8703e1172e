#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/seed.h"

namespace crowfly::tests {

/// What of some files has reached the disk, and what may have. Until a file is synchronised, each sector of
/// 512 bytes that was written may be on the disk or not, in any order, and what was being written when the
/// power went may be anything. A name that was made or removed may be so or not until its directory is
/// synchronised, which SQLite has done with the first synchronisation of a log or journal, and with a removal
/// if it asks for that.
class SimulatedDisk {
  public:
    /// A file is opened. What it has now is on the disk.
    void open(const std::string& path, std::string content, bool is_new);
    void write(const std::string& path, std::size_t offset, std::string_view bytes);
    void truncate(const std::string& path, std::size_t size);
    void sync(const std::string& path);

    /// The synchronisation has failed: what was to be is not there for certain, nor will be by a later one,
    /// because the system takes it for written.
    void fail_to_sync(const std::string& path);
    void remove(const std::string& path, bool sync);

    /// The files that the disk may have after a power cut, by path.
    std::map<std::string, std::string> after_power_cut(Random& random) const;

  private:
    struct Step {
        enum class Kind { write, truncate };
        Kind kind;
        std::size_t offset;  ///< or the size
        std::string bytes = {};
        bool is_certain = false;
        bool is_lost_to_sync = false;
    };

    enum class Removal { none, possible, certain };

    /// A file from the making of its name to its removal.
    struct Life {
        std::string content = {};  ///< at the beginning
        std::vector<Step> steps = {};
        bool is_certain = false;  ///< its name
        Removal removal = Removal::none;

        std::string after_power_cut(Random& random) const;
    };

    Life& current(const std::string& path) { return lives_.at(path).back(); }

    std::map<std::string, std::vector<Life>> lives_;
};

}  // namespace crowfly::tests
