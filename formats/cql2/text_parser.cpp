#include "formats/cql2/text_parser.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "formats/cql2/lexer.h"
#include "formats/text.h"
#include "formats/value.h"

namespace crowfly::cql2 {
namespace {

constexpr std::array<std::string_view, 11> kReserved{"and", "or",   "not",  "like",  "between", "in",
                                                     "is",  "null", "true", "false", "div"};

constexpr std::array<std::pair<std::string_view, Op>, 6> kComparisons{{
    {"=", Op::equal},
    {"<>", Op::not_equal},
    {"<", Op::less},
    {">", Op::greater},
    {"<=", Op::less_equal},
    {">=", Op::greater_equal},
}};

constexpr std::string_view kOperators = "=, <>, <, >, <=, >=, LIKE, BETWEEN, IN or IS NULL";

/// Recursive descent. Every value is read where a predicate may stand, for `(` begins either.
class Parser {
  public:
    explicit Parser(std::string_view text) : lexer_(text) {}

    Expression whole() {
        Expression expression = predicate(disjunction());
        if (lexer_.current().kind != Token::Kind::end) lexer_.refuse("AND, OR or the end");
        return expression;
    }

  private:
    using Kind = Token::Kind;

    /// One level of nesting, as long as it lives.
    class Level {
      public:
        explicit Level(Parser& parser) : parser_(parser) {
            if (++parser_.level_ > kDeepestFilter) parser_.refuse_depth();
        }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;
        ~Level() { --parser_.level_; }

      private:
        Parser& parser_;
    };

    Expression disjunction() {
        return joined("or", Op::logical_or, [this] { return conjunction(); });
    }
    Expression conjunction() {
        return joined("and", Op::logical_and, [this] { return negation(); });
    }

    /// One operand, or several with the keyword between them.
    template <class Operand>
    Expression joined(std::string_view keyword, Op op, const Operand& operand) {
        Expression first = operand();
        if (!lexer_.is_word(keyword)) return first;
        std::vector<Expression> args{predicate(std::move(first))};
        while (take_word(keyword)) args.push_back(predicate(operand()));
        return made(op, std::move(args));
    }

    Expression negation() {
        if (!take_word("not")) return comparison();
        const Level level(*this);
        return negated(predicate(negation()), true);
    }

    Expression comparison() {
        Expression value = sum();
        for (const auto& [symbol, op] : kComparisons) {
            if (!lexer_.is_symbol(symbol)) continue;
            require_scalar(value);
            lexer_.advance();
            return made(op, {std::move(value), scalar()});
        }
        if (take_word("is")) return null_test(std::move(value));
        const bool is_negated = take_word("not");
        if (take_word("like")) return negated(likeness(std::move(value)), is_negated);
        if (take_word("between")) return negated(range(std::move(value)), is_negated);
        if (take_word("in")) return negated(list(std::move(value)), is_negated);
        if (is_negated) lexer_.refuse("LIKE, BETWEEN or IN after NOT");
        return value;
    }

    Expression null_test(Expression value) {
        require_scalar(value);
        const bool is_negated = take_word("not");
        if (!take_word("null")) lexer_.refuse(is_negated ? "NULL" : "NULL or NOT NULL");
        return negated(made(Op::is_null, {std::move(value)}), is_negated);
    }

    Expression likeness(Expression value) {
        require_scalar(value);
        return made(Op::like, {std::move(value), pattern()});
    }

    Expression pattern() {
        if (lexer_.current().kind == Kind::text) return text();
        for (const auto& [word, op] : {std::pair("casei", Op::casei), std::pair("accenti", Op::accenti)}) {
            if (!take_word(word)) continue;
            const Level level(*this);
            take("(");
            Expression operand = pattern();
            take(")");
            return made(op, {std::move(operand)});
        }
        lexer_.refuse("a pattern in single quotes");
    }

    Expression range(Expression value) {
        require_scalar(value);
        Expression least = scalar();
        if (!take_word("and")) lexer_.refuse("AND and the greatest value of BETWEEN");
        return made(Op::between, {std::move(value), std::move(least), scalar()});
    }

    Expression list(Expression value) {
        require_scalar(value);
        take("(");
        std::vector<Expression> args{std::move(value)};
        do args.push_back(scalar());
        while (take_symbol(","));
        if (!take_symbol(")")) lexer_.refuse("a comma or a closing parenthesis");
        return made(Op::in, std::move(args));
    }

    Expression scalar() {
        Expression value = sum();
        require_scalar(value);
        return value;
    }

    Expression sum() {
        Expression value = product();
        for (;;) {
            if (lexer_.is_symbol("+")) {
                value = computed(Op::add, std::move(value), [this] { return product(); });
            } else if (lexer_.is_symbol("-")) {
                value = computed(Op::subtract, std::move(value), [this] { return product(); });
            } else {
                return value;
            }
        }
    }

    Expression product() {
        Expression value = power();
        for (;;) {
            const Op op = lexer_.is_symbol("*")   ? Op::multiply
                          : lexer_.is_symbol("/") ? Op::divide
                          : lexer_.is_symbol("%") ? Op::modulo
                          : lexer_.is_word("div") ? Op::whole_divide
                                                  : Op::literal;
            if (op == Op::literal) return value;
            value = computed(op, std::move(value), [this] { return power(); });
        }
    }

    Expression power() {
        Expression value = primary();
        if (!lexer_.is_symbol("^")) return value;
        return computed(Op::power, std::move(value), [this] { return primary(); });
    }

    template <class Operand>
    Expression computed(Op op, Expression left, const Operand& operand) {
        require_scalar(left);
        lexer_.advance();
        Expression right = operand();
        require_scalar(right);
        return made(op, {std::move(left), std::move(right)});
    }

    Expression primary() {
        switch (lexer_.current().kind) {
            case Kind::number:
                return number(false);
            case Kind::text:
                return text();
            case Kind::quoted_name:
                return name();
            case Kind::word:
                return word();
            default:
                break;
        }
        if (take_symbol("-")) return opposite();
        if (!take_symbol("(")) lexer_.refuse("a property or a value");
        const Level level(*this);
        Expression inner = disjunction();
        if (!take_symbol(")"))
            lexer_.refuse(is_scalar(inner) ? "an operator or a closing parenthesis"
                                           : "AND, OR or a closing parenthesis");
        return inner;
    }

    Expression opposite() {
        if (lexer_.current().kind == Kind::number) return number(true);
        if (lexer_.is_symbol("(") || lexer_.is_symbol("-")) lexer_.refuse("a number or a property after -");
        Expression operand = primary();
        require_scalar(operand);
        return made(Op::multiply, {Expression::of(std::int64_t{-1}), std::move(operand)});
    }

    Expression word() {
        for (const auto& [word, op] : {std::pair("casei", Op::casei), std::pair("accenti", Op::accenti)}) {
            if (lexer_.is_word(word) && lexer_.opens_next()) return folding(op);
        }
        if (lexer_.is_word("date") && lexer_.opens_next()) return instant(Instant::Kind::date);
        if (lexer_.is_word("timestamp") && lexer_.opens_next()) return instant(Instant::Kind::timestamp);
        if (take_word("true")) return Expression::of(true);
        if (take_word("false")) return Expression::of(false);
        for (const std::string_view reserved : kReserved) {
            if (lexer_.is_word(reserved))
                lexer_.refuse(
                    "a property or a value; the name of a property that is a keyword goes in double "
                    "quotes");
        }
        if (lexer_.opens_next())
            lexer_.refuse(
                "a property or a value; functions, geometries and intervals are not supported here");
        return name();
    }

    Expression folding(Op op) {
        const Level level(*this);
        lexer_.advance();
        take("(");
        Expression operand = scalar();
        take(")");
        return made(op, {std::move(operand)});
    }

    Expression instant(Instant::Kind kind) {
        lexer_.advance();
        take("(");
        const bool is_date = kind == Instant::Kind::date;
        const std::string_view expected =
            is_date ? "a day such as '2012-08-10'" : "a time in UTC such as '2012-08-10T05:30:00Z'";
        if (lexer_.current().kind != Kind::text) lexer_.refuse(expected);
        const auto read = parse_instant(lexer_.current().value, kind);
        if (!read) lexer_.refuse(expected);
        lexer_.advance();
        take(")");
        return Expression::of(*read);
    }

    Expression number(bool is_negative) {
        const std::string digits = fmt::format("{}{}", is_negative ? "-" : "", lexer_.current().source);
        const char* const end = digits.data() + digits.size();
        std::int64_t integer = 0;
        if (const auto read = std::from_chars(digits.data(), end, integer);
            read.ec == std::errc() && read.ptr == end) {
            lexer_.advance();
            return Expression::of(integer);
        }
        const auto real = parse_double(digits);
        if (!real) lexer_.refuse("a number that a double can hold");
        lexer_.advance();
        return Expression::of(*real);
    }

    Expression text() {
        Expression text = Expression::of(lexer_.current().value);
        lexer_.advance();
        return text;
    }

    Expression name() {
        const Token& token = lexer_.current();
        Expression named = Expression::of_property(
            token.kind == Kind::quoted_name ? token.value : std::string(token.source));
        if (named.property.empty()) lexer_.refuse("the name of a property");
        lexer_.advance();
        return named;
    }

    bool take_word(std::string_view keyword) {
        if (!lexer_.is_word(keyword)) return false;
        lexer_.advance();
        return true;
    }
    bool take_symbol(std::string_view symbol) {
        if (!lexer_.is_symbol(symbol)) return false;
        lexer_.advance();
        return true;
    }
    void take(std::string_view symbol) {
        if (!take_symbol(symbol)) lexer_.refuse(symbol);
    }

    Expression predicate(Expression expression) const {
        if (!is_predicate(expression)) lexer_.refuse(fmt::format("a comparison: {}", kOperators));
        return expression;
    }
    void require_scalar(const Expression& expression) const {
        if (!is_scalar(expression))
            lexer_.refuse("AND, OR or the end, for what is before it is a condition and no value");
    }

    Expression negated(Expression expression, bool is_negated) const {
        if (!is_negated) return expression;
        return made(Op::logical_not, {std::move(expression)});
    }

    Expression made(Op op, std::vector<Expression> args) const {
        Expression expression = Expression::of(op, std::move(args));
        if (expression.depth > kDeepestFilter) refuse_depth();
        return expression;
    }

    [[noreturn]] void refuse_depth() const {
        lexer_.refuse(fmt::format("at most {} levels of operators and parentheses", kDeepestFilter));
    }

    Lexer lexer_;
    std::size_t level_ = 0;
};

}  // namespace

Expression parse_text(std::string_view text) {
    if (text.size() > kLongestFilter) {
        throw Error(Code::too_large,
                    fmt::format("{} bytes long; expected at most {}", text.size(), kLongestFilter));
    }
    if (const std::string_view fault = text_fault(text); !fault.empty())
        throw Error(Code::malformed, std::string(fault));
    return Parser(text).whole();
}

}  // namespace crowfly::cql2
