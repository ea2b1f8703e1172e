#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/place_reader.h"
#include "tests/support/temporary.h"

namespace crowfly::tests {

struct ReadPlaces {
    std::vector<Place> places;
    std::vector<std::string> rejects;  ///< `line: column: reason` of the first
};

/// Reads a text as the file of that name.
inline ReadPlaces read_places(std::string_view text, std::string_view name, const ReadOptions& options,
                              OnError policy) {
    const TemporaryDirectory directory;
    Rejects rejects(policy);
    const auto reader = open_places(directory.file(name, text), std::nullopt, options, rejects);
    ReadPlaces result;
    for (Place place; reader->next(place);) result.places.push_back(place);
    for (const Reject& reject : rejects.first()) {
        result.rejects.push_back(std::to_string(reject.line) + ": " + reject.column + ": " + reject.reason);
    }
    return result;
}

}  // namespace crowfly::tests
