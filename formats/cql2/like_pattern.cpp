#include "formats/cql2/like_pattern.h"

#include <cstddef>
#include <optional>

namespace crowfly::cql2 {
namespace {

/// Where the character after the one at `at` begins.
std::size_t next_character(std::string_view text, std::size_t at) noexcept {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80) ++at;
    return at;
}

}  // namespace

LikePattern::LikePattern(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c == '%') {
            const bool repeats = !items_.empty() && items_.back().kind == Kind::any_characters;
            if (!repeats) items_.push_back({Kind::any_characters, c});
        } else if (c == '_') {
            items_.push_back({Kind::any_character, c});
        } else {
            if (c == '\\' && i + 1 < pattern.size()) ++i;
            items_.push_back({Kind::byte, pattern[i]});
        }
    }
}

/// When an item does not fit, the last `%` before it takes one character more.
bool LikePattern::fits(std::string_view text) const noexcept {
    std::size_t item = 0, at = 0, at_of_last = 0;
    std::optional<std::size_t> last;
    while (at < text.size()) {
        if (item < items_.size() && items_[item].kind == Kind::any_characters) {
            last = item++;
            at_of_last = at;
        } else if (item < items_.size() && items_[item].kind == Kind::any_character) {
            at = next_character(text, at);
            ++item;
        } else if (item < items_.size() && items_[item].byte == text[at]) {
            ++at;
            ++item;
        } else if (last) {
            at_of_last = next_character(text, at_of_last);
            at = at_of_last;
            item = *last + 1;
        } else {
            return false;
        }
    }
    while (item < items_.size() && items_[item].kind == Kind::any_characters) ++item;
    return item == items_.size();
}

}  // namespace crowfly::cql2
