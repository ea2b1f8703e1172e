#include "tests/crash/simulated_disk.h"

#include <algorithm>

namespace crowfly::tests {
namespace {

constexpr std::size_t kSector = 512;

void put(std::string& content, std::size_t offset, std::string_view bytes) {
    if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
    content.replace(offset, bytes.size(), bytes);
}

std::string garbage(std::size_t size, Random& random) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.below(256));
    return bytes;
}

/// Some of its sectors.
void put_some(std::string& content, std::size_t offset, std::string_view bytes, Random& random) {
    // Often it is all or nothing.
    const std::size_t luck = random.below(4);
    while (!bytes.empty()) {
        const std::size_t size = std::min(kSector - offset % kSector, bytes.size());
        const std::size_t fate = luck == 0 ? 0 : luck == 1 ? 9 : random.below(10);
        if (fate < 5) {
            put(content, offset, bytes.substr(0, size));
        } else if (fate < 6) {
            put(content, offset, garbage(size, random));
        }
        offset += size;
        bytes.remove_prefix(size);
    }
}

}  // namespace

void SimulatedDisk::open(const std::string& path, std::string content, bool is_new) {
    std::vector<Life>& lives = lives_[path];
    if (!lives.empty() && lives.back().removal == Removal::none) return;
    lives.push_back({.content = std::move(content), .is_certain = !is_new});
}

void SimulatedDisk::write(const std::string& path, std::size_t offset, std::string_view bytes) {
    current(path).steps.push_back({Step::Kind::write, offset, std::string(bytes)});
}

void SimulatedDisk::truncate(const std::string& path, std::size_t size) {
    current(path).steps.push_back({Step::Kind::truncate, size});
}

void SimulatedDisk::sync(const std::string& path) {
    current(path).is_certain = true;
    for (Step& step : current(path).steps) step.is_certain = step.is_certain || !step.is_lost_to_sync;
}

void SimulatedDisk::fail_to_sync(const std::string& path) {
    for (Step& step : current(path).steps) step.is_lost_to_sync = step.is_lost_to_sync || !step.is_certain;
}

void SimulatedDisk::remove(const std::string& path, bool sync) {
    const auto lives = lives_.find(path);
    if (lives != lives_.end()) lives->second.back().removal = sync ? Removal::certain : Removal::possible;
}

std::string SimulatedDisk::Life::after_power_cut(Random& random) const {
    std::string result = content;
    for (const Step& step : steps) {
        if (step.kind == Step::Kind::truncate) {
            if (step.is_certain || random.below(2) == 0) result.resize(step.offset);
        } else if (step.is_certain) {
            put(result, step.offset, step.bytes);
        } else {
            put_some(result, step.offset, step.bytes, random);
        }
    }
    return result;
}

std::map<std::string, std::string> SimulatedDisk::after_power_cut(Random& random) const {
    std::map<std::string, std::string> files;
    for (const auto& [path, lives] : lives_) {
        for (auto life = lives.rbegin(); life != lives.rend(); ++life) {
            // Of a name that is not certain the one before may be there.
            if (!life->is_certain && random.below(2) == 0) continue;
            const bool is_there = life->removal == Removal::none ||
                                  (life->removal == Removal::possible && random.below(2) == 0);
            if (is_there) files[path] = life->after_power_cut(random);
            break;
        }
    }
    return files;
}

}  // namespace crowfly::tests
