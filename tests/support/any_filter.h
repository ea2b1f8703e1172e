#pragma once

#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "formats/cql2/predicate.h"
#include "tests/support/seed.h"

namespace crowfly::tests {

/// Filters at random, of every kind, whose types go together. Their literals are few, so that many are true
/// of some places.
class AnyFilter {
  public:
    AnyFilter(Random& random, std::span<const cql2::Queryable> queryables)
        : random_(random), queryables_(queryables) {}

    cql2::Expression operator()(std::size_t depth = 4) {
        using cql2::Expression;
        if (depth == 0 || random_.below(3) == 0) return comparison();
        if (random_.below(4) == 0) return Expression::of(cql2::Op::logical_not, {(*this)(depth - 1)});
        std::vector<Expression> args(2 + random_.below(2));
        for (Expression& arg : args) arg = (*this)(depth - 1);
        return Expression::of(random_.below(2) == 0 ? cql2::Op::logical_and : cql2::Op::logical_or,
                              std::move(args));
    }

  private:
    using Expression = cql2::Expression;
    using Op = cql2::Op;

    Expression comparison() {
        constexpr std::array kOps{Op::equal,   Op::not_equal,  Op::less,
                                  Op::greater, Op::less_equal, Op::greater_equal};
        const Attribute& one = any_queryable();
        if (random_.below(8) == 0) return Expression::of(Op::is_null, {Expression::of_property(one.name)});
        if (one.type == AttributeType::boolean) {
            return Expression::of(kOps[random_.below(2)],
                                  {Expression::of_property(one.name), Expression::of(random_.below(2) == 0)});
        }
        const auto operand = [&] { return one.type == AttributeType::text ? text() : number(2); };
        Expression value = Expression::of_property(one.name);
        switch (random_.below(5)) {
            case 0:
                return Expression::of(Op::between, {value, operand(), operand()});
            case 1:
                return Expression::of(Op::in, {value, operand(), operand(), operand()});
            case 2:
                if (one.type == AttributeType::text) return likeness(std::move(value));
                [[fallthrough]];
            default:
                return Expression::of(kOps[random_.below(kOps.size())], {value, operand()});
        }
    }

    Expression likeness(Expression value) {
        Expression pattern = Expression::of(any_of({"%", "a%", "%1", "_", "%_2%", "\\%", "Ä%"}));
        if (random_.below(2) == 0) {
            value = Expression::of(Op::casei, {value});
            pattern = Expression::of(Op::casei, {pattern});
        }
        return Expression::of(Op::like, {std::move(value), std::move(pattern)});
    }

    Expression text() {
        switch (random_.below(6)) {
            case 0:
                if (const Attribute* one = any_of_type(true)) return Expression::of_property(one->name);
                [[fallthrough]];
            case 1:
                return Expression::of(Op::casei, {Expression::of(any_of({"A", "Straße", "B1"}))});
            case 2:
                return Expression::of(Op::accenti, {Expression::of(any_of({"é", "o'neill", "b"}))});
            default:
                return Expression::of(any_of({"", "a", "b", "a1", "it's", "\"", "\\n", "1", "12", "Ä"}));
        }
    }

    Expression number(std::size_t depth) {
        constexpr std::array kOps{Op::add,          Op::subtract, Op::multiply, Op::divide,
                                  Op::whole_divide, Op::modulo,   Op::power};
        if (depth > 0 && random_.below(4) == 0)
            return Expression::of(kOps[random_.below(kOps.size())], {number(depth - 1), number(depth - 1)});
        if (random_.below(5) == 0) {
            if (const Attribute* one = any_of_type(false)) return Expression::of_property(one->name);
        }
        constexpr std::array kReals{0.5, -1.25, 1e300, -5e-324, 2.0, 3333333333333333504.0};
        constexpr std::array<std::int64_t, 7> kIntegers{
            0, 1, -1, 2, 5, 1'000'000, std::numeric_limits<std::int64_t>::min()};
        return random_.below(2) == 0 ? Expression::of(kReals[random_.below(kReals.size())])
                                     : Expression::of(kIntegers[random_.below(kIntegers.size())]);
    }

    std::string any_of(std::vector<std::string> texts) { return texts[random_.below(texts.size())]; }
    const Attribute& any_queryable() { return queryables_[random_.below(queryables_.size())]; }

    const Attribute* any_of_type(bool text) {
        const Attribute& one = any_queryable();
        const bool fits = text ? one.type == AttributeType::text
                               : one.type == AttributeType::integer || one.type == AttributeType::real;
        return fits ? &one : nullptr;
    }

    Random& random_;
    std::span<const cql2::Queryable> queryables_;
};

}  // namespace crowfly::tests
