#include "service/listen_address.h"

#include <charconv>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "core/error.h"

namespace crowfly {

boost::asio::ip::tcp::endpoint parse_listen_address(std::string_view text) {
    const auto fail = [&] {
        return Error(
            Code::invalid_argument,
            fmt::format(
                "\"{}\" is not an address to listen on; expected one like 127.0.0.1:8080 or [::1]:8080",
                text));
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) throw fail();
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        throw fail();
    }
    if (host == "localhost") host = "127.0.0.1";
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size()) throw fail();
    boost::system::error_code unparsable;
    const auto address = boost::asio::ip::make_address(std::string(host), unparsable);
    if (unparsable) throw fail();
    return {address, port};
}

}  // namespace crowfly
