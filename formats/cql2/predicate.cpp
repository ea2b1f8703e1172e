#include "formats/cql2/predicate.h"

#include <algorithm>
#include <cmath>
#include <compare>
#include <optional>
#include <utility>

#include "formats/cql2/predicate_node.h"

namespace crowfly::cql2 {
namespace {

using Node = Predicate::Node;

/// A value within an evaluation. A folded text is nobody's but its own.
using Evaluated =
    std::variant<std::monostate, bool, std::int64_t, double, std::string_view, std::string, Instant>;

std::partial_ordering compared(std::int64_t a, double b) {
    constexpr double kTwoTo63 = 9223372036854775808.0;
    if (std::isnan(b)) return std::partial_ordering::unordered;
    if (b >= kTwoTo63) return std::partial_ordering::less;
    if (b < -kTwoTo63) return std::partial_ordering::greater;
    const double whole = std::trunc(b);
    const auto integer = static_cast<std::int64_t>(whole);
    if (a != integer) return a < integer ? std::partial_ordering::less : std::partial_ordering::greater;
    return whole <=> b;
}

std::partial_ordering reversed(std::partial_ordering order) {
    return 0 <=> order;
}

std::optional<std::string_view> text_of(const Evaluated& value) {
    if (const auto* text = std::get_if<std::string_view>(&value)) return *text;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    return std::nullopt;
}

std::optional<double> number_of(const Evaluated& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
    if (const auto* real = std::get_if<double>(&value)) return *real;
    return std::nullopt;
}

std::partial_ordering compared_numbers(const Evaluated& a, const Evaluated& b) {
    const auto* integer_a = std::get_if<std::int64_t>(&a);
    const auto* integer_b = std::get_if<std::int64_t>(&b);
    if (integer_a != nullptr && integer_b != nullptr) return *integer_a <=> *integer_b;
    if (integer_a != nullptr) return compared(*integer_a, std::get<double>(b));
    if (integer_b != nullptr) return reversed(compared(*integer_b, std::get<double>(a)));
    return std::get<double>(a) <=> std::get<double>(b);
}

/// Unordered where one is null, or they are of different types.
std::partial_ordering compared(const Evaluated& a, const Evaluated& b) {
    if (number_of(a) && number_of(b)) return compared_numbers(a, b);
    if (const auto x = text_of(a), y = text_of(b); x && y) return *x <=> *y;
    const auto *flag_a = std::get_if<bool>(&a), *flag_b = std::get_if<bool>(&b);
    if (flag_a != nullptr && flag_b != nullptr) return *flag_a <=> *flag_b;
    const auto *instant_a = std::get_if<Instant>(&a), *instant_b = std::get_if<Instant>(&b);
    if (instant_a != nullptr && instant_b != nullptr && instant_a->kind == instant_b->kind)
        return instant_a->since_1970 <=> instant_b->since_1970;
    return std::partial_ordering::unordered;
}

Truth truth_of(bool yes) noexcept {
    return yes ? Truth::yes : Truth::no;
}

Truth opposite(Truth truth) noexcept {
    return truth == Truth::unknown ? truth : truth_of(truth == Truth::no);
}

Truth compare(Op op, const Evaluated& a, const Evaluated& b) {
    const std::partial_ordering order = compared(a, b);
    if (order == std::partial_ordering::unordered) return Truth::unknown;
    switch (op) {
        case Op::equal:
            return truth_of(order == 0);
        case Op::not_equal:
            return truth_of(order != 0);
        case Op::less:
            return truth_of(order < 0);
        case Op::greater:
            return truth_of(order > 0);
        case Op::less_equal:
            return truth_of(order <= 0);
        default:
            return truth_of(order >= 0);
    }
}

double computed(Op op, double a, double b) {
    switch (op) {
        case Op::add:
            return a + b;
        case Op::subtract:
            return a - b;
        case Op::multiply:
            return a * b;
        case Op::divide:
            return a / b;
        case Op::whole_divide:
            return std::trunc(a / b);
        case Op::modulo:
            return std::fmod(a, b);
        default:
            return std::pow(a, b);
    }
}

Evaluated literal_of(const Literal& literal) {
    return std::visit(
        [](const auto& value) -> Evaluated {
            if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>) {
                return std::string_view(value);
            } else {
                return value;
            }
        },
        literal);
}

/// One place that is asked about.
class Evaluation {
  public:
    explicit Evaluation(const RowValues& row) : row_(row) {}

    Truth truth(const Node& node) const {
        switch (node.op) {
            case Op::literal:
                return truth_of(std::get<bool>(node.literal));
            case Op::logical_and:
                return all(node);
            case Op::logical_or:
                return any(node);
            case Op::logical_not:
                return opposite(truth(node.args.front()));
            case Op::is_null:
                return truth_of(std::holds_alternative<std::monostate>(value(node.args.front())));
            case Op::like:
                return likeness(node);
            case Op::between:
                return range(node);
            case Op::in:
                return membership(node);
            default:
                return compare(node.op, value(node.args[0]), value(node.args[1]));
        }
    }

  private:
    Truth all(const Node& node) const {
        Truth least = Truth::yes;
        for (const Node& arg : node.args) {
            least = std::min(least, truth(arg));
            if (least == Truth::no) break;
        }
        return least;
    }

    Truth any(const Node& node) const {
        Truth greatest = Truth::no;
        for (const Node& arg : node.args) {
            greatest = std::max(greatest, truth(arg));
            if (greatest == Truth::yes) break;
        }
        return greatest;
    }

    Truth likeness(const Node& node) const {
        const Evaluated operand = value(node.args.front());
        const auto text = text_of(operand);
        return text ? truth_of(node.pattern.fits(*text)) : Truth::unknown;
    }

    Truth range(const Node& node) const {
        const Evaluated operand = value(node.args[0]);
        return std::min(compare(Op::greater_equal, operand, value(node.args[1])),
                        compare(Op::less_equal, operand, value(node.args[2])));
    }

    Truth membership(const Node& node) const {
        const Evaluated operand = value(node.args.front());
        Truth greatest = Truth::no;
        for (std::size_t i = 1; i < node.args.size() && greatest != Truth::yes; ++i)
            greatest = std::max(greatest, compare(Op::equal, operand, value(node.args[i])));
        return greatest;
    }

    Evaluated value(const Node& node) const {
        switch (node.op) {
            case Op::literal:
                return literal_of(node.literal);
            case Op::property:
                return property(node);
            case Op::casei: {
                const Evaluated operand = value(node.args.front());
                const auto text = text_of(operand);
                return text ? Evaluated(folded(*text, node.folding)) : Evaluated();
            }
            default:
                return computed_value(node);
        }
    }

    Evaluated property(const Node& node) const {
        const ValueView value = row_.value(node.queryable);
        if (!node.read_as) return std::visit([](const auto& one) { return Evaluated(one); }, value);
        const auto* text = std::get_if<std::string_view>(&value);
        if (text == nullptr) return {};
        const auto instant = parse_instant(*text, *node.read_as);
        return instant ? Evaluated(*instant) : Evaluated();
    }

    Evaluated computed_value(const Node& node) const {
        const auto a = number_of(value(node.args[0]));
        const auto b = number_of(value(node.args[1]));
        if (!a || !b) return {};
        const double number = computed(node.op, *a, *b);
        return std::isfinite(number) ? Evaluated(number) : Evaluated();
    }

    const RowValues& row_;
};

void collect_queryables(const Node& node, std::vector<std::size_t>& numbers) {
    if (node.op == Op::property) numbers.push_back(node.queryable);
    for (const Node& arg : node.args) collect_queryables(arg, numbers);
}

}  // namespace

Predicate::Predicate(const Expression& expression, std::span<const Queryable> queryables,
                     std::span<const std::size_t> costly)
    : root_(std::make_unique<const Node>(judged(expression, queryables, costly))) {
    collect_queryables(*root_, asks_for_);
    std::sort(asks_for_.begin(), asks_for_.end());
    asks_for_.erase(std::unique(asks_for_.begin(), asks_for_.end()), asks_for_.end());
}

Predicate::~Predicate() = default;
Predicate::Predicate(Predicate&&) noexcept = default;
Predicate& Predicate::operator=(Predicate&&) noexcept = default;

Truth Predicate::truth(const RowValues& row) const {
    return Evaluation(row).truth(*root_);
}

}  // namespace crowfly::cql2
