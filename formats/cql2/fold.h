#pragma once

#include <string>
#include <string_view>

namespace crowfly::cql2 {

/// What of a text does not count when it is compared.
struct Folding {
    bool letter_case = false;  ///< CASEI
    bool accents = false;      ///< ACCENTI

    friend bool operator==(const Folding&, const Folding&) = default;
};

/// The text without what does not count: case folded as Unicode has it ("Straße" and "STRASSE" come out
/// alike), marks on letters left out ("é" comes out as "e"), and composed (NFC). The text must be UTF-8; what
/// cannot be folded stays as it is.
std::string folded(std::string_view text, Folding folding);

}  // namespace crowfly::cql2
