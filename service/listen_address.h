#pragma once

#include <string_view>

#include <boost/asio/ip/tcp.hpp>

namespace crowfly {

/// Reads `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`; port 0 lets the system choose one.
/// Throws Error(invalid_argument).
boost::asio::ip::tcp::endpoint parse_listen_address(std::string_view text);

}  // namespace crowfly
