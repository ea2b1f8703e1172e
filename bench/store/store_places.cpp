#include "bench/store/store_places.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>

#include <fmt/format.h>

namespace crowfly::bench {
namespace {

constexpr std::array<const char*, 8> kCategories{"cafe",     "school", "fuel",  "bank",
                                                 "pharmacy", "park",   "hotel", "restaurant"};

/// A random UUID, version 4 (RFC 9562).
std::string uuid(std::mt19937_64& engine) {
    const std::uint64_t high = (engine() & 0xFFFFFFFFFFFF0FFFU) | 0x4000U;
    const std::uint64_t low = (engine() & 0x3FFFFFFFFFFFFFFFU) | 0x8000000000000000U;
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32U, (high >> 16U) & 0xFFFFU,
                       high & 0xFFFFU, low >> 48U, low & 0xFFFFFFFFFFFFU);
}

}  // namespace

void write_places(const std::string& path, const std::vector<LonLat>& positions, Ids ids, bool properties) {
    std::mt19937_64 engine(7);
    std::string text =
        properties ? "id,name,category,lon,lat,population,website\n" : "id,name,category,lon,lat\n";
    std::ofstream file(path, std::ios::binary);
    for (std::size_t i = 0; i < positions.size(); ++i) {
        const std::string id = ids == Ids::uuids ? uuid(engine) : std::to_string(i);
        fmt::format_to(std::back_inserter(text), "{},Place {},{},{:.7f},{:.7f}", id, i,
                       kCategories[engine() % kCategories.size()], positions[i].lon, positions[i].lat);
        if (properties) {
            fmt::format_to(std::back_inserter(text), ",{},https://example.org/{}", engine() % 1'000'000, i);
        }
        text += '\n';
        if (text.size() < (1U << 20U)) continue;
        file << text;
        text.clear();
    }
    file << text;
    if (!file.flush()) throw std::runtime_error(path + " could not be written");
}

}  // namespace crowfly::bench
