#pragma once

#include <chrono>
#include <memory>
#include <unordered_set>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "service/request_handler.h"
#include "service/server.h"

namespace crowfly {

class Connection;

/// The open connections of one thread.
using ConnectionSet = std::unordered_set<Connection*>;

/// One client. Bytes are read into one buffer and fed to Beast's parser by hand; the replies to all requests
/// that the buffer held are written at once from another. No request is begun while a reply is being made or
/// written, so a client that does not take its replies gets no more of them made.
///
/// Runs on one thread. It keeps itself alive while it waits for the socket.
class Connection : public Responder::Target, public std::enable_shared_from_this<Connection> {
  public:
    using Clock = std::chrono::steady_clock;

    /// Is in `all`, which must outlive it, until it is gone.
    static std::shared_ptr<Connection> make(boost::asio::ip::tcp::socket socket, const ServerLimits& limits,
                                            RequestHandler& handler, ConnectionSet& all);

    /// The same over TLS.
    static std::shared_ptr<Connection> make(boost::asio::ip::tcp::socket socket,
                                            std::shared_ptr<boost::asio::ssl::context> tls,
                                            const ServerLimits& limits, RequestHandler& handler,
                                            ConnectionSet& all);

    ~Connection() override { all_.erase(this); }

    virtual void start() = 0;

    /// Closes the connection if the client has taken too long.
    virtual void enforce_deadline(Clock::time_point now) = 0;

    /// Ends after the replies that are under way; at once when there are none.
    virtual void finish() = 0;

    /// Ends at once, and lets those know who make a reply.
    virtual void abandon() = 0;

  protected:
    explicit Connection(ConnectionSet& all) : all_(all) { all_.insert(this); }

  private:
    ConnectionSet& all_;
};

}  // namespace crowfly
