#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace crowfly::tests {

struct HttpReply {
    int status = 0;
    std::string content_type;
    std::string header;  ///< status line and all fields
    std::string body;
};

/// A client on loopback that sends exactly the bytes it is given.
class HttpClient {
  public:
    explicit HttpClient(std::uint16_t port);

    /// Ignores that the server may have closed already: what matters is its reply.
    void send(std::string_view bytes);

    /// Reads one reply with a Content-Length or in chunks; `with_body` is false for the reply to HEAD. Throws
    /// when the server closes before it is whole.
    HttpReply receive(bool with_body = true);

    /// The next chunk of a reply whose header was received without its body; empty after the last. Throws
    /// when the server closes before.
    std::string receive_chunk();

    /// A whole exchange.
    HttpReply post(std::string_view path, std::string_view body);
    HttpReply get(std::string_view path);

    /// All that comes until the server closes its side.
    std::string receive_all();

    /// Whether the server has closed its side; waits for that.
    bool closed_by_server();

    /// Reads to the end; whether the server broke the connection off instead of ending it in good order after
    /// the last whole reply.
    bool reset_by_server();

    /// Waits that long for a first byte.
    bool hears_something_within(std::chrono::milliseconds time);

    void half_close();

  private:
    boost::asio::io_context context_;
    boost::asio::ip::tcp::socket socket_;
    std::string buffer_;
};

}  // namespace crowfly::tests
