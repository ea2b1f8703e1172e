#include "cli/chained_source.h"

#include "cli/interrupt.h"

namespace crowfly {

ChainedSource::ChainedSource(const std::vector<std::string>& files, std::optional<PlaceFormat> format,
                             const ReadOptions& options, Rejects& rejects, std::string what)
    : progress_(std::move(what)) {
    for (const std::string& file : files) {
        readers_.push_back(open_places(file, format, options, rejects));
        bytes_total_ += readers_.back()->bytes_total();
    }
}

bool ChainedSource::next(Place& place) {
    constexpr std::uint64_t kLookUpEvery = 256;
    for (; current_ < readers_.size(); ++current_) {
        if (readers_[current_]->next(place)) {
            if (++places_ % kLookUpEvery == 0) {
                Interrupt::check();
                progress_.update(bytes_before_ + readers_[current_]->bytes_read(), bytes_total_, places_);
            }
            return true;
        }
        bytes_before_ += readers_[current_]->bytes_total();
    }
    Interrupt::check();
    return false;
}

void ChainedSource::refuse(std::string_view member, const std::string& reason) {
    readers_[current_]->refuse(member, reason);
}

}  // namespace crowfly
