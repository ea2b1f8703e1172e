#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "formats/place.h"

namespace crowfly {

/// Gives ids to the rows of a file that has none: their ordinals from 1. Where the file does have ids, as its
/// first row shows, a row that lacks one is called by its ordinal with a # in front, which is no integer id.
class NumberedSource final : public PlaceSource {
  public:
    explicit NumberedSource(PlaceSource& places) : places_(places) {}

    bool next(Place& place) override {
        if (!places_.next(place)) return false;
        ++ordinal_;
        if (ordinal_ == 1) has_ids_ = !place.id.empty();
        if (!place.id.empty()) return true;
        if (has_ids_) place.id = '#';
        place.id += std::to_string(ordinal_);
        return true;
    }
    void refuse(std::string_view member, const std::string& reason) override {
        places_.refuse(member, reason);
    }

  private:
    PlaceSource& places_;
    std::uint64_t ordinal_ = 0;
    bool has_ids_ = false;
};

}  // namespace crowfly
