#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "service/server.h"

namespace crowfly {

class Connection;

/// The open connections of one thread.
using ConnectionSet = std::unordered_set<Connection*>;

/// One client. Bytes are read into one buffer and fed to Beast's parser by hand; the replies to all requests
/// that the buffer held are written at once from another. Nothing is read while a reply is being written, so
/// a client that does not take its replies gets no more of them made.
///
/// Runs on one thread. It keeps itself alive while it waits for the socket.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    using Clock = std::chrono::steady_clock;

    /// Is in `all`, which must outlive it, until it is gone.
    Connection(boost::asio::ip::tcp::socket socket, const ServerLimits& limits,
               const Server::Handler& handler, ConnectionSet& all);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { all_.erase(this); }

    void start();

    /// Closes the connection if the client has taken too long.
    void enforce_deadline(Clock::time_point now);

    /// Ends after the replies that are under way; at once when there are none.
    void finish();

  private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
    enum class State { reading, writing, draining };

    void new_parser();
    void read();
    void on_read(std::size_t size);
    void process();
    bool parse_some();
    void answer();
    void refuse(boost::beast::error_code error);
    void reply(const HttpResponse& response, bool keep_alive, bool with_body, unsigned version);
    void write();
    void on_written();
    void drain();
    void close() noexcept;

    boost::asio::ip::tcp::socket socket_;
    const ServerLimits& limits_;
    const Server::Handler& handler_;
    ConnectionSet& all_;
    State state_ = State::reading;
    std::optional<Parser> parser_;
    bool continue_sent_ = false;  // "100 Continue" for the request under way
    bool close_after_write_ = false;
    Clock::time_point deadline_;
    std::string in_;
    std::size_t in_begin_ = 0;  // what lies before has been parsed
    std::size_t in_end_ = 0;    // what lies behind is room
    std::string out_;
};

}  // namespace crowfly
