#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/cql2/predicate_node.h"
#include "formats/cql2/writer.h"

namespace crowfly::cql2 {
namespace {

using Node = Predicate::Node;

/// What can be compared with each other.
enum class Type { text, number, boolean, date, timestamp };

std::string_view type_name(Type type) noexcept {
    switch (type) {
        case Type::text:
            return "a text";
        case Type::number:
            return "a number";
        case Type::boolean:
            return "true or false";
        case Type::date:
            return "a DATE";
        case Type::timestamp:
            return "a TIMESTAMP";
    }
    return {};
}

Type type_of(AttributeType type) noexcept {
    switch (type) {
        case AttributeType::text:
            return Type::text;
        case AttributeType::boolean:
            return Type::boolean;
        case AttributeType::integer:
        case AttributeType::real:
            break;
    }
    return Type::number;
}

Type type_of(const Literal& literal) noexcept {
    if (std::holds_alternative<bool>(literal)) return Type::boolean;
    if (std::holds_alternative<std::string>(literal)) return Type::text;
    const auto* instant = std::get_if<Instant>(&literal);
    if (instant == nullptr) return Type::number;
    return instant->kind == Instant::Kind::date ? Type::date : Type::timestamp;
}

/// An operand, and what it is a part of: for messages.
std::string shown(const Expression& expression) {
    constexpr std::size_t kLongest = 60;
    std::string json =
        expression.op == Op::property ? fmt::format("\"{}\"", expression.property) : to_json(expression);
    if (json.size() > kLongest) json = "an expression";
    return json;
}

struct Scalar {
    Node node;
    Type type;
};

class Judge {
  public:
    Judge(std::span<const Queryable> queryables, std::span<const std::size_t> costly)
        : queryables_(queryables), costly_(costly) {}

    Node predicate(const Expression& expression) const {
        switch (expression.op) {
            case Op::logical_and:
            case Op::logical_or:
            case Op::logical_not: {
                Node node{.op = expression.op};
                for (const Expression& arg : expression.args) node.args.push_back(predicate(arg));
                // Their order does not matter to what they say together.
                std::stable_partition(node.args.begin(), node.args.end(),
                                      [this](const Node& arg) { return !is_costly(arg); });
                return node;
            }
            case Op::like:
                return likeness(expression);
            case Op::is_null: {
                Node node{.op = Op::is_null};
                node.args.push_back(scalar(expression.args.front()).node);
                return node;
            }
            case Op::literal:
                return {.op = Op::literal, .literal = expression.literal};
            default:
                return comparison(expression);
        }
    }

  private:
    /// All operands are of one type, or instants with texts that are to be read as such.
    Node comparison(const Expression& expression) const {
        std::vector<Scalar> args;
        for (const Expression& arg : expression.args) args.push_back(scalar(arg));
        std::size_t measure = 0;
        for (std::size_t i = 0; i < args.size(); ++i) {
            if (is_instant(args[i].type)) measure = i;
        }
        const Type type = args[measure].type;
        Node node{.op = expression.op};
        for (std::size_t i = 0; i < args.size(); ++i) {
            if (is_instant(type) && args[i].node.op == Op::property && args[i].type == Type::text) {
                args[i].node.read_as = type == Type::date ? Instant::Kind::date : Instant::Kind::timestamp;
            } else if (args[i].type != type) {
                refuse(expression.args[i], type_name(args[i].type), expression.args[measure],
                       type_name(type));
            }
            node.args.push_back(std::move(args[i].node));
        }
        const bool asks_equality =
            expression.op == Op::equal || expression.op == Op::not_equal || expression.op == Op::in;
        if (type == Type::boolean && !asks_equality) {
            throw Error(Code::invalid_argument,
                        fmt::format("{} is true or false, of which none is less; expected = or <>",
                                    shown(expression.args.front())));
        }
        return node;
    }

    Node likeness(const Expression& expression) const {
        Scalar value = scalar(expression.args[0]);
        if (value.type != Type::text) refuse(expression.args[0], type_name(value.type), "a text before LIKE");
        const Node pattern = scalar(expression.args[1]).node;
        Node node{.op = Op::like, .pattern = LikePattern(std::get<std::string>(pattern.literal))};
        node.args.push_back(std::move(value.node));
        return node;
    }

    Scalar scalar(const Expression& expression) const {
        switch (expression.op) {
            case Op::literal:
                return {{.op = Op::literal, .literal = expression.literal}, type_of(expression.literal)};
            case Op::property:
                return property(expression);
            case Op::casei:
            case Op::accenti:
                return folding(expression);
            default:
                return computed(expression);
        }
    }

    Scalar property(const Expression& expression) const {
        const auto at = std::find_if(queryables_.begin(), queryables_.end(),
                                     [&](const Queryable& one) { return one.name == expression.property; });
        if (at != queryables_.end())
            return {{.op = Op::property, .queryable = static_cast<std::size_t>(at - queryables_.begin())},
                    type_of(at->type)};
        std::string names;
        for (const Queryable& one : queryables_) names += (names.empty() ? "" : ", ") + one.name;
        throw Error(Code::invalid_argument,
                    fmt::format("there is no property \"{}\" to filter by; expected one of {}",
                                expression.property, names));
    }

    /// That of a literal is done here, once.
    Scalar folding(const Expression& expression) const {
        Scalar arg = scalar(expression.args.front());
        if (arg.type != Type::text) {
            refuse(expression.args.front(), type_name(arg.type),
                   expression.op == Op::casei ? "a text within CASEI" : "a text within ACCENTI");
        }
        const Folding folding{.letter_case = expression.op == Op::casei,
                              .accents = expression.op == Op::accenti};
        if (arg.node.op == Op::literal) {
            arg.node.literal = folded(std::get<std::string>(arg.node.literal), folding);
            return arg;
        }
        Node node{.op = Op::casei, .folding = folding};
        node.args.push_back(std::move(arg.node));
        return {std::move(node), Type::text};
    }

    Scalar computed(const Expression& expression) const {
        Node node{.op = expression.op};
        for (const Expression& arg : expression.args) {
            Scalar operand = scalar(arg);
            if (operand.type != Type::number)
                refuse(arg, type_name(operand.type),
                       fmt::format("a number to compute with by {}", json_name(expression.op)));
            node.args.push_back(std::move(operand.node));
        }
        return {std::move(node), Type::number};
    }

    bool is_costly(const Node& node) const {
        if (node.op == Op::property)
            return std::find(costly_.begin(), costly_.end(), node.queryable) != costly_.end();
        return std::any_of(node.args.begin(), node.args.end(),
                           [this](const Node& arg) { return is_costly(arg); });
    }

    static bool is_instant(Type type) noexcept { return type == Type::date || type == Type::timestamp; }

    [[noreturn]] static void refuse(const Expression& operand, std::string_view found,
                                    std::string_view expected) {
        throw Error(Code::invalid_argument,
                    fmt::format("{} is {}; expected {}", shown(operand), found, expected));
    }
    [[noreturn]] static void refuse(const Expression& operand, std::string_view found,
                                    const Expression& other, std::string_view expected) {
        refuse(operand, found, fmt::format("{}, as {} is", expected, shown(other)));
    }

    std::span<const Queryable> queryables_;
    std::span<const std::size_t> costly_;
};

}  // namespace

Predicate::Node judged(const Expression& expression, std::span<const Queryable> queryables,
                       std::span<const std::size_t> costly) {
    return Judge(queryables, costly).predicate(expression);
}

}  // namespace crowfly::cql2
