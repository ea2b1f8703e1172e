#include "cli/chained_source.h"

namespace crowfly {

ChainedSource::ChainedSource(const std::vector<std::string>& files, std::optional<PlaceFormat> format,
                             ReadOptions options, Rejects& rejects, std::string what)
    : progress_(std::move(what)) {
    options.heartbeat = [this] { beat(); };
    for (const std::string& file : files) {
        readers_.push_back(open_places(file, format, options, rejects));
        units_total_ += readers_.back()->units_total();
    }
}

void ChainedSource::beat() {
    Interrupt::check();
    progress_.update(units_before_ + readers_[current_]->units_read(), units_total_, places_);
}

bool ChainedSource::next(Place& place) {
    for (; current_ < readers_.size(); ++current_) {
        if (readers_[current_]->next(place)) {
            ++places_;
            return true;
        }
        units_before_ += readers_[current_]->units_total();
    }
    Interrupt::check();
    return false;
}

void ChainedSource::refuse(std::string_view member, const std::string& reason) {
    readers_[current_]->refuse(member, reason);
}

}  // namespace crowfly
