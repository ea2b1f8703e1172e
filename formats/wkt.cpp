#include "formats/wkt.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "core/error.h"

namespace crowfly {
namespace {

class Scanner {
  public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    std::string word() {
        skip_blanks();
        std::string word;
        while (!rest_.empty() && std::isalpha(static_cast<unsigned char>(rest_.front())) != 0) {
            word += static_cast<char>(std::toupper(static_cast<unsigned char>(rest_.front())));
            rest_.remove_prefix(1);
        }
        return word;
    }

    bool symbol(char expected) {
        skip_blanks();
        if (rest_.empty() || rest_.front() != expected) return false;
        rest_.remove_prefix(1);
        return true;
    }

    std::optional<double> number() {
        skip_blanks();
        double value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error != std::errc()) return std::nullopt;
        constexpr std::string_view kAfter = " \t\r\n);,";
        const bool ends = end == rest_.data() + rest_.size() || kAfter.find(*end) != std::string_view::npos;
        if (!ends) return std::nullopt;
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return value;
    }

    bool at_end() {
        skip_blanks();
        return rest_.empty();
    }

  private:
    void skip_blanks() {
        const std::size_t blanks = std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size());
        rest_.remove_prefix(blanks);
    }

    std::string_view rest_;
};

bool is_geometry_type(std::string_view word) {
    for (const std::string_view known :
         {"LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION",
          "CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE", "TRIANGLE", "TIN",
          "POLYHEDRALSURFACE"}) {
        if (word == known) return true;
    }
    return false;
}

[[noreturn]] void throw_malformed(std::string_view text) {
    constexpr std::size_t kShown = 60;
    throw Error(Code::malformed, fmt::format("\"{}{}\" is not WKT; expected POINT (x y)",
                                             text.substr(0, kShown), text.size() > kShown ? "..." : ""));
}

}  // namespace

LonLat parse_wkt_point(std::string_view text) {
    Scanner scan(text);
    std::string word = scan.word();
    if (word == "SRID") {
        if (!scan.symbol('=')) throw_malformed(text);
        const auto srid = scan.number();
        if (!srid || !scan.symbol(';')) throw_malformed(text);
        if (*srid != 4326) throw Error(Code::unsupported, fmt::format("SRID {}; expected 4326", *srid));
        word = scan.word();
    }
    if (is_geometry_type(word))
        throw Error(Code::unsupported, fmt::format("{} geometries are not read; expected POINT", word));
    if (word != "POINT" && word != "POINTZ" && word != "POINTM" && word != "POINTZM") throw_malformed(text);
    const std::string dimensions = scan.word();
    if (dimensions == "EMPTY") throw Error(Code::unsupported, "the point is empty");
    if (!dimensions.empty() && dimensions != "Z" && dimensions != "M" && dimensions != "ZM")
        throw_malformed(text);
    if (!scan.symbol('(')) throw_malformed(text);
    const auto x = scan.number();
    const auto y = scan.number();
    if (!x || !y) throw_malformed(text);
    for (int extras = 0; !scan.symbol(')'); ++extras) {
        if (extras == 2 || !scan.number()) throw_malformed(text);
    }
    if (!scan.at_end()) throw_malformed(text);
    return {*x, *y};
}

}  // namespace crowfly
