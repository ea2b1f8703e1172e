#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace crowfly {

/// Strings of all rows, one after the other.
class TextColumn {
  public:
    void push_back(std::string_view text) {
        text_ += text;
        ends_.push_back(text_.size());
    }
    std::string_view operator[](std::size_t row) const noexcept {
        const std::size_t begin = row == 0 ? 0 : ends_[row - 1];
        return std::string_view(text_).substr(begin, ends_[row] - begin);
    }

  private:
    std::string text_;
    std::vector<std::size_t> ends_;
};

}  // namespace crowfly
