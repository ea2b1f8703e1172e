#include "formats/cql2/writer.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "core/error.h"
#include "formats/text.h"

namespace crowfly::cql2 {
namespace {

void write_args(JsonWriter& json, const Expression& expression) {
    if (expression.op != Op::in) {
        for (const Expression& arg : expression.args) write_json(json, arg);
        return;
    }
    write_json(json, expression.args.front());
    json.begin_array();
    for (std::size_t i = 1; i < expression.args.size(); ++i) write_json(json, expression.args[i]);
    json.end_array();
}

void write_literal(JsonWriter& json, const Literal& literal) {
    if (const auto* flag = std::get_if<bool>(&literal)) {
        json.boolean(*flag);
    } else if (const auto* integer = std::get_if<std::int64_t>(&literal)) {
        json.number(*integer);
    } else if (const auto* real = std::get_if<double>(&literal)) {
        json.number(*real);
    } else if (const auto* text = std::get_if<std::string>(&literal)) {
        json.string(*text);
    } else {
        const Instant instant = std::get<Instant>(literal);
        json.begin_object()
            .key(instant.kind == Instant::Kind::date ? "date" : "timestamp")
            .string(to_string(instant))
            .end_object();
    }
}

void append_quoted(std::string_view text, char quote, std::string& out) {
    out += quote;
    for (const char c : text) {
        if (c == quote) out += c;
        out += c;
    }
    out += quote;
}

void append_text(const std::string& text, std::string& out) {
    if (text.ends_with('\\') || text.find("\\'") != std::string::npos) {
        throw Error(Code::unsupported,
                    "CQL2 text cannot have a text with a backslash before a quote or at its "
                    "end; CQL2 JSON can");
    }
    append_quoted(text, '\'', out);
}

template <class... Arguments>
void append_number(std::string& out, Arguments... arguments) {
    char digits[32];
    const auto written = std::to_chars(digits, digits + sizeof(digits), arguments...);
    out.append(digits, written.ptr);
}

/// Written out, one beyond 2^53 would be read as an integer.
void append_real(double real, std::string& out) {
    constexpr double kWholeNumbers = 9007199254740992.0;  // 2^53
    if (std::abs(real) < kWholeNumbers) {
        append_number(out, real);
    } else {
        append_number(out, real, std::chars_format::scientific);
    }
}

void append_literal(const Literal& literal, std::string& out) {
    if (const auto* flag = std::get_if<bool>(&literal)) {
        out += *flag ? "TRUE" : "FALSE";
    } else if (const auto* integer = std::get_if<std::int64_t>(&literal)) {
        append_number(out, *integer);
    } else if (const auto* real = std::get_if<double>(&literal)) {
        append_real(*real, out);
    } else if (const auto* text = std::get_if<std::string>(&literal)) {
        append_text(*text, out);
    } else {
        const Instant instant = std::get<Instant>(literal);
        out += instant.kind == Instant::Kind::date ? "DATE('" : "TIMESTAMP('";
        out += to_string(instant) + "')";
    }
}

void append(const Expression& expression, std::string& out);

/// In parentheses, unless it is a single thing.
void append_operand(const Expression& expression, std::string& out) {
    const bool is_single = expression.op == Op::literal || expression.op == Op::property ||
                           expression.op == Op::casei || expression.op == Op::accenti;
    if (is_single) return append(expression, out);
    out += '(';
    append(expression, out);
    out += ')';
}

void append_joined(const Expression& expression, std::string_view between, std::string& out) {
    for (std::size_t i = 0; i < expression.args.size(); ++i) {
        if (i != 0) out += between;
        append_operand(expression.args[i], out);
    }
}

void append_list(const Expression& expression, std::string& out) {
    append_operand(expression.args.front(), out);
    out += " IN (";
    for (std::size_t i = 1; i < expression.args.size(); ++i) {
        if (i != 1) out += ", ";
        append(expression.args[i], out);
    }
    out += ')';
}

std::string infix(Op op) {
    if (op == Op::logical_and) return " AND ";
    if (op == Op::logical_or) return " OR ";
    if (op == Op::like) return " LIKE ";
    return fmt::format(" {} ", json_name(op));
}

void append(const Expression& expression, std::string& out) {
    switch (expression.op) {
        case Op::literal:
            return append_literal(expression.literal, out);
        case Op::property:
            return append_quoted(expression.property, '"', out);
        case Op::logical_not:
            out += "NOT ";
            return append_operand(expression.args.front(), out);
        case Op::casei:
        case Op::accenti:
            out += expression.op == Op::casei ? "CASEI(" : "ACCENTI(";
            append(expression.args.front(), out);
            out += ')';
            return;
        case Op::is_null:
            append_operand(expression.args.front(), out);
            out += " IS NULL";
            return;
        case Op::in:
            return append_list(expression, out);
        case Op::between:
            append_operand(expression.args[0], out);
            out += " BETWEEN ";
            append_operand(expression.args[1], out);
            out += " AND ";
            return append_operand(expression.args[2], out);
        default:
            return append_joined(expression, infix(expression.op), out);
    }
}

}  // namespace

void write_json(JsonWriter& json, const Expression& expression) {
    if (expression.op == Op::literal) return write_literal(json, expression.literal);
    json.begin_object();
    if (expression.op == Op::property) {
        json.key("property").string(expression.property);
    } else {
        json.key("op").string(json_name(expression.op)).key("args").begin_array();
        write_args(json, expression);
        json.end_array();
    }
    json.end_object();
}

std::string to_json(const Expression& expression) {
    std::string out;
    JsonWriter json(out);
    write_json(json, expression);
    return out;
}

std::string to_text(const Expression& expression) {
    std::string out;
    append(expression, out);
    return out;
}

}  // namespace crowfly::cql2
