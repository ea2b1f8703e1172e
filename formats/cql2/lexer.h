#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"

namespace crowfly::cql2 {

struct Token {
    enum class Kind : std::uint8_t { end, word, quoted_name, text, number, symbol };

    Kind kind = Kind::end;
    std::string_view source = {};  ///< as it stands there
    std::string value = {};        ///< of a quoted name and a text: what it means
};

/// Takes CQL2 text apart, a token at a time.
///
/// A backslash before a quote makes it part of the text, as does a second quote; all other backslashes are
/// what they are.
class Lexer {
  public:
    /// Reads the first token. Throws as `advance`.
    explicit Lexer(std::string_view text);

    const Token& current() const noexcept { return token_; }

    /// Throws Error(malformed) where no token begins, and for a text or quoted name without an end.
    void advance();

    /// Whether the current token is this keyword, in whatever case, or this symbol.
    bool is_word(std::string_view keyword) const noexcept;
    bool is_symbol(std::string_view symbol) const noexcept;

    /// Whether a parenthesis follows the current token.
    bool opens_next() const noexcept;

    /// Throws Error(malformed) that names the current token and its place.
    [[noreturn]] void refuse(std::string_view expected) const;

  private:
    void read_word();
    void read_number();
    void read_symbol();
    void read_quoted(char quote, Token::Kind kind);
    [[noreturn]] void refuse_at(std::size_t at, std::string_view found, std::string_view expected) const;
    char peek(std::size_t ahead = 0) const noexcept {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }

    std::string_view text_;
    std::size_t at_ = 0;  ///< after the current token
    Token token_;
};

}  // namespace crowfly::cql2
