#pragma once

#include <string_view>
#include <vector>

namespace crowfly::cql2 {

/// The pattern of a LIKE: `%` stands for any characters or none, `_` for one character, and a backslash makes
/// of the one that follows a plain character.
class LikePattern {
  public:
    LikePattern() = default;
    explicit LikePattern(std::string_view pattern);

    /// Both are UTF-8. Cost: the product of their lengths at worst, the text's alone with one `%`.
    bool fits(std::string_view text) const noexcept;

  private:
    enum class Kind : unsigned char { byte, any_character, any_characters };

    struct Item {
        Kind kind;
        char byte;
    };

    std::vector<Item> items_;
};

}  // namespace crowfly::cql2
