#include "formats/cql2/lexer.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/text.h"

namespace crowfly::cql2 {
namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// Everything beyond ASCII is taken for a letter: what it names is judged when properties are looked up.
bool begins_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_in_word(char c) noexcept {
    return begins_word(c) || is_digit(c) || c == '.';
}

bool is_blank(char c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Of a character that is not its first byte.
bool is_continuation(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

}  // namespace

Lexer::Lexer(std::string_view text) : text_(text) {
    advance();
}

void Lexer::advance() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    token_ = {.kind = Token::Kind::end, .source = text_.substr(at_, 0)};
    if (at_ == text_.size()) return;
    if (begins_word(peek())) return read_word();
    if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) return read_number();
    if (peek() == '\'') return read_quoted('\'', Token::Kind::text);
    if (peek() == '"') return read_quoted('"', Token::Kind::quoted_name);
    read_symbol();
}

void Lexer::read_word() {
    const std::size_t begin = at_;
    while (is_in_word(peek())) ++at_;
    token_.kind = Token::Kind::word;
    token_.source = text_.substr(begin, at_ - begin);
}

void Lexer::read_number() {
    const std::size_t begin = at_;
    const auto skip_digits = [this] {
        while (is_digit(peek())) ++at_;
    };
    skip_digits();
    if (peek() == '.') ++at_;
    skip_digits();
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
        at_ += 1 + sign;
        skip_digits();
    }
    token_.kind = Token::Kind::number;
    token_.source = text_.substr(begin, at_ - begin);
    if (!begins_word(peek())) return;
    do ++at_;
    while (is_continuation(peek()));  // the character whole, or the message would not be UTF-8
    refuse_at(begin, fmt::format("\"{}\"", text_.substr(begin, at_ - begin)), "a number");
}

void Lexer::read_symbol() {
    constexpr std::string_view kSymbols = "(),=<>+-*/%^";
    const std::string_view two = text_.substr(at_, 2);
    const std::size_t size = two == "<>" || two == "<=" || two == ">=" ? 2 : 1;
    if (kSymbols.find(peek()) == std::string_view::npos) {
        const std::string_view hint = two == "!="     ? "<>, which is CQL2's \"not equal\""
                                      : peek() == ';' ? "the end of the expression"
                                                      : "a property, a value, an operator or a parenthesis";
        refuse_at(at_, fmt::format("\"{}\"", two == "!=" ? two : two.substr(0, 1)), hint);
    }
    token_.kind = Token::Kind::symbol;
    token_.source = text_.substr(at_, size);
    at_ += size;
}

void Lexer::read_quoted(char quote, Token::Kind kind) {
    const std::size_t begin = at_++;
    token_.kind = kind;
    for (;;) {
        if (at_ == text_.size()) {
            refuse_at(begin, fmt::format("a {} without an end", kind == Token::Kind::text ? "text" : "name"),
                      fmt::format("{0} at its end, and {0}{0} for one within", quote));
        }
        const char c = text_[at_];
        const bool escapes = c == quote || (c == '\\' && kind == Token::Kind::text);
        if (escapes && peek(1) == quote) {
            token_.value += quote;
            at_ += 2;
            continue;
        }
        ++at_;
        if (c == quote) break;
        token_.value += c;
    }
    token_.source = text_.substr(begin, at_ - begin);
}

bool Lexer::is_word(std::string_view keyword) const noexcept {
    return token_.kind == Token::Kind::word && equal_ignoring_case(token_.source, keyword);
}

bool Lexer::is_symbol(std::string_view symbol) const noexcept {
    return token_.kind == Token::Kind::symbol && token_.source == symbol;
}

bool Lexer::opens_next() const noexcept {
    const std::size_t next = std::min(text_.find_first_not_of(" \t\n\v\f\r", at_), text_.size());
    return next < text_.size() && text_[next] == '(';
}

void Lexer::refuse(std::string_view expected) const {
    const auto at = static_cast<std::size_t>(token_.source.data() - text_.data());
    refuse_at(at, token_.kind == Token::Kind::end ? "the end" : fmt::format("\"{}\"", token_.source),
              expected);
}

/// Counts characters from 1, not bytes.
void Lexer::refuse_at(std::size_t at, std::string_view found, std::string_view expected) const {
    const auto characters = std::count_if(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at),
                                          [](char c) { return !is_continuation(c); });
    throw Error(Code::malformed,
                fmt::format("character {}: found {}; expected {}", characters + 1, found, expected));
}

}  // namespace crowfly::cql2
