#include "formats/wkt.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "core/error.h"

namespace crowfly {
namespace {

bool is_letter(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

/// Types of WKT that Geometry does not know.
bool is_other_type(std::string_view word) {
    constexpr std::array<std::string_view, 10> kOthers{
        "CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE",
        "CURVE",          "SURFACE",       "TRIANGLE",     "TIN",        "POLYHEDRALSURFACE"};
    return std::find(kOthers.begin(), kOthers.end(), word) != kOthers.end();
}

std::optional<GeometryType> type_named(std::string_view word) {
    for (unsigned code = 1; code <= 7; ++code) {
        const auto type = static_cast<GeometryType>(code);
        if (word == wkt_name(type)) return type;
    }
    return std::nullopt;
}

class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    /// The letters that come next, in upper case; empty when there are none.
    std::string word() {
        skip_blanks();
        std::string word;
        for (; next_ < text_.size() && is_letter(text_[next_]); ++next_) {
            word += static_cast<char>(std::toupper(static_cast<unsigned char>(text_[next_])));
        }
        return word;
    }

    /// Passes over the word when it comes next.
    bool word(std::string_view expected) {
        const std::size_t before = next_;
        if (word() == expected) return true;
        next_ = before;
        return false;
    }

    bool symbol(char expected) {
        skip_blanks();
        if (next_ == text_.size() || text_[next_] != expected) return false;
        ++next_;
        return true;
    }

    /// Whether a number can start here, or something that was meant to be one.
    bool at_number() {
        skip_blanks();
        constexpr std::string_view kSymbols = "(),;=";
        return next_ < text_.size() && kSymbols.find(text_[next_]) == std::string_view::npos;
    }

    double number(std::string_view expected) {
        skip_blanks();
        // from_chars knows no plus.
        const bool plus = next_ + 1 < text_.size() && text_[next_] == '+' && text_[next_ + 1] != '-';
        const char* begin = text_.data() + next_ + (plus ? 1 : 0);
        const char* end = text_.data() + text_.size();
        double value = 0;
        const auto [after, error] = std::from_chars(begin, end, value);
        constexpr std::string_view kAfter = " \t\r\n);,";
        const bool ends = after == end || kAfter.find(*after) != std::string_view::npos;
        if (error == std::errc::result_out_of_range && ends) fail("a number that fits into a double");
        if (error != std::errc() || !ends) fail(expected);
        next_ = static_cast<std::size_t>(after - text_.data());
        return value;
    }

    bool at_end() {
        skip_blanks();
        return next_ == text_.size();
    }

    void skip_blanks() { next_ = std::min(text_.find_first_not_of(" \t\r\n", next_), text_.size()); }

    std::size_t offset() const { return next_; }
    void go_back(std::size_t offset) { next_ = offset; }

    [[noreturn]] void fail(std::string_view expected) {
        skip_blanks();
        throw Error(Code::malformed,
                    fmt::format("WKT, byte {}: found {}; expected {}", next_, found(), expected));
    }

  private:
    /// What stands here, as text that can be shown anywhere.
    std::string found() const {
        if (next_ == text_.size()) return "the end";
        constexpr std::size_t kShown = 24;
        std::size_t end = next_;
        while (end < text_.size() && end < next_ + kShown && text_[end] > ' ' && text_[end] < '\x7F' &&
               (end == next_ || std::string_view("(),;=").find(text_[end]) == std::string_view::npos)) {
            ++end;
        }
        if (end == next_) return fmt::format("the byte 0x{:02X}", static_cast<unsigned char>(text_[next_]));
        return fmt::format("\"{}\"", text_.substr(next_, end - next_));
    }

    std::string_view text_;
    std::size_t next_ = 0;
};

void skip_srid(Scanner& scan) {
    if (!scan.word("SRID")) return;
    if (!scan.symbol('=')) scan.fail("= and the number of the reference system");
    const double srid = scan.number("the number of the reference system");
    if (!scan.symbol(';')) scan.fail("; after the number of the reference system");
    if (srid != 0 && srid != 4326)
        throw Error(Code::unsupported, fmt::format("SRID {}; expected 4326", srid));
}

/// What each position of a member has besides x and y. Unsaid, its first position decides.
struct Dimensions {
    bool z = false;
    bool m = false;
    bool known = false;
};

/// Of Z, M or ZM.
Dimensions dimensions_named(std::string_view letters) {
    return {.z = letters.front() == 'Z', .m = letters.back() == 'M', .known = true};
}

struct Tag {
    GeometryType type = GeometryType::point;
    Dimensions dimensions = {};
    bool empty = false;
};

/// Splits what is attached to a name, as in POINTZ, from it.
std::optional<Tag> tag_named(std::string_view word) {
    if (const auto type = type_named(word)) return Tag{.type = *type};
    for (const std::string_view attached : {"ZM", "Z", "M"}) {
        if (!word.ends_with(attached)) continue;
        const auto type = type_named(word.substr(0, word.size() - attached.size()));
        if (type) return Tag{.type = *type, .dimensions = dimensions_named(attached)};
    }
    return std::nullopt;
}

/// The type's name, with Z, M or ZM and EMPTY.
Tag read_tag(Scanner& scan) {
    scan.skip_blanks();
    const std::size_t begin = scan.offset();
    const std::string word = scan.word();
    auto tag = tag_named(word);
    if (!tag && is_other_type(word)) {
        throw Error(Code::unsupported,
                    fmt::format("WKT, byte {}: {} geometries are not read; expected POINT, LINESTRING, "
                                "POLYGON, a MULTI type of these or GEOMETRYCOLLECTION",
                                begin, word));
    }
    if (!tag) {
        scan.go_back(begin);
        scan.fail("the name of a geometry type, such as POINT");
    }
    for (const std::string_view name : {"Z", "M", "ZM"}) {
        if (!tag->dimensions.known && scan.word(name)) tag->dimensions = dimensions_named(name);
    }
    tag->empty = scan.word("EMPTY");
    return *tag;
}

struct Vertex {
    LonLat position = {};
    std::optional<double> z = {};
    std::optional<double> m = {};
};

Vertex read_vertex(Scanner& scan, Dimensions& dimensions) {
    Vertex vertex;
    vertex.position.lon = scan.number("a number: x");
    vertex.position.lat = scan.number("a number: y");
    const bool decides = !dimensions.known;
    if (decides) dimensions = {.z = scan.at_number(), .m = false, .known = true};
    if (dimensions.z) vertex.z = scan.number("a number: z");
    if (decides && dimensions.z) dimensions.m = scan.at_number();
    if (dimensions.m) vertex.m = scan.number("a number: m");
    return vertex;
}

class Parser {
  public:
    explicit Parser(std::string_view text) : scan_(text) {}

    Geometry parse() {
        skip_srid(scan_);
        member();
        if (!scan_.at_end()) scan_.fail("the end");
        return builder_.finish();
    }

  private:
    void member() {
        scan_.skip_blanks();
        const std::size_t begin = scan_.offset();
        const Tag tag = read_tag(scan_);
        const bool collection = tag.type == GeometryType::geometry_collection;
        if (collection && builder_.depth() == Geometry::kDeepestNesting) {
            throw Error(Code::too_large, fmt::format("WKT, byte {}: collections are nested more than {} deep",
                                                     begin, Geometry::kDeepestNesting));
        }
        builder_.begin(tag.type);
        dimensions_ = tag.dimensions;
        if (!tag.empty) body(tag.type);
        builder_.end();
    }

    void body(GeometryType type) {
        switch (type) {
            case GeometryType::point:
                return point();
            case GeometryType::line_string:
                return line();
            case GeometryType::polygon:
                return polygon();
            case GeometryType::multi_point:
                return list([this] { point_of_multi(); });
            case GeometryType::multi_line_string:
                return list([this] { part_or_empty([this] { line(); }); });
            case GeometryType::multi_polygon:
                return list([this] { part_or_empty([this] { polygon(); }); });
            case GeometryType::geometry_collection:
                return list([this] { member(); });
        }
    }

    template <class Item>
    void list(Item item) {
        if (!scan_.symbol('(')) scan_.fail("( or EMPTY");
        do {
            item();
        } while (scan_.symbol(','));
        if (!scan_.symbol(')')) scan_.fail(", or )");
    }

    template <class Item>
    void part_or_empty(Item item) {
        if (scan_.word("EMPTY")) {
            builder_.add_part();
        } else {
            item();
        }
    }

    void point_of_multi() {
        part_or_empty([this] {
            if (!scan_.at_number()) return point();
            builder_.add_part();
            builder_.add_sequence();
            vertex();
        });
    }

    void point() {
        if (!scan_.symbol('(')) scan_.fail("( or EMPTY");
        builder_.add_part();
        builder_.add_sequence();
        vertex();
        if (!scan_.symbol(')')) scan_.fail(")");
    }

    void line() {
        builder_.add_part();
        builder_.add_sequence();
        list([this] { vertex(); });
    }

    void polygon() {
        builder_.add_part();
        list([this] {
            builder_.add_sequence();
            if (!scan_.word("EMPTY")) list([this] { vertex(); });
        });
    }

    void vertex() {
        const Vertex vertex = read_vertex(scan_, dimensions_);
        builder_.add_position(vertex.position, vertex.z, vertex.m);
    }

    Scanner scan_;
    GeometryBuilder builder_;
    Dimensions dimensions_;
};

class Writer {
  public:
    Writer(const Geometry& geometry, std::string& out) : geometry_(geometry), out_(out) {}

    void member() {
        const Geometry::Member member = geometry_.members()[next_member_++];
        out_ += wkt_name(member.type);
        out_ += ' ';
        const bool z = !geometry_.z().empty();
        const bool m = !geometry_.m().empty();
        if (z || m) out_ += z ? m ? "ZM " : "Z " : "M ";
        if (member.type == GeometryType::geometry_collection) {
            list(member.count, [this](std::size_t) { this->member(); });
        } else if (member.type > GeometryType::polygon) {
            list(member.count, [this](std::size_t) { part(); });
        } else if (member.count == 0) {
            out_ += "EMPTY";
        } else {
            part();
        }
    }

  private:
    template <class Item>
    void list(std::size_t count, Item item) {
        if (count == 0) {
            out_ += "EMPTY";
            return;
        }
        out_ += '(';
        for (std::size_t i = 0; i < count; ++i) {
            if (i > 0) out_ += ", ";
            item(i);
        }
        out_ += ')';
    }

    void part() {
        const Geometry::Part part = geometry_.part(next_part_++);
        if (part.kind == Geometry::PartKind::polygon || part.is_empty()) {
            list(part.end - part.begin, [&](std::size_t ring) { sequence(part.begin + ring); });
        } else {
            sequence(part.begin);
        }
    }

    void sequence(std::size_t number) {
        const std::size_t begin = geometry_.sequence_begin(number);
        list(geometry_.sequence(number).size(), [&](std::size_t i) { vertex(begin + i); });
    }

    void vertex(std::size_t number) {
        const LonLat position = geometry_.positions()[number];
        append(position.lon);
        append_next(position.lat);
        if (!geometry_.z().empty()) append_next(geometry_.z()[number]);
        if (!geometry_.m().empty()) append_next(geometry_.m()[number]);
    }

    void append_next(double value) {
        out_ += ' ';
        append(value);
    }

    void append(double value) {
        // A sign of a NaN says nothing.
        if (std::isnan(value)) value = std::abs(value);
        std::array<char, 32> digits{};
        const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
        out_.append(digits.data(), result.ptr);
    }

    const Geometry& geometry_;
    std::string& out_;
    std::size_t next_member_ = 0;
    std::size_t next_part_ = 0;
};

}  // namespace

Geometry parse_wkt(std::string_view text) {
    return Parser(text).parse();
}

LonLat parse_wkt_point(std::string_view text) {
    // Tables of points are long: no Geometry is built for each.
    Scanner scan(text);
    skip_srid(scan);
    Tag tag = read_tag(scan);
    if (tag.type != GeometryType::point) {
        throw Error(Code::unsupported,
                    fmt::format("{} geometries are not read; expected POINT", wkt_name(tag.type)));
    }
    if (tag.empty) throw Error(Code::unsupported, "the point is empty");
    if (!scan.symbol('(')) scan.fail("( or EMPTY");
    const Vertex vertex = read_vertex(scan, tag.dimensions);
    if (!scan.symbol(')')) scan.fail(")");
    if (!scan.at_end()) scan.fail("the end");
    return vertex.position;
}

void write_wkt(const Geometry& geometry, std::string& out) {
    Writer(geometry, out).member();
}

}  // namespace crowfly
