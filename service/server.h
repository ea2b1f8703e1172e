#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>

#include "service/request_handler.h"

namespace crowfly {

/// What a client may take of the server.
struct ServerLimits {
    std::size_t header_bytes = 16U << 10U;
    std::size_t connections = 10'000;           ///< in all
    std::chrono::milliseconds idle{60'000};     ///< between two requests of a connection
    std::chrono::milliseconds request{20'000};  ///< from the first byte of a request to its last
    std::chrono::milliseconds write{20'000};    ///< for the client to take a reply
    std::chrono::milliseconds drain{10'000};    ///< for what was begun, after `stop`
};

class TlsContext;
class Worker;

/// HTTP/1.1 over TCP: one acceptor and one event loop for each thread, all on the same port (SO_REUSEPORT),
/// so that threads share nothing.
class Server {
  public:
    /// Starts to listen; connections wait until `run`. Throws Error(busy) when the port is taken, Error(io)
    /// otherwise.
    /// The handler must outlive it, and so must `tls`; null: it speaks no TLS.
    Server(const boost::asio::ip::tcp::endpoint& address, std::size_t threads, ServerLimits limits,
           RequestHandler& handler, const TlsContext* tls = nullptr);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Where it listens, with the port that the system chose for port 0.
    const boost::asio::ip::tcp::endpoint& address() const noexcept { return address_; }

    /// From now on `act` is called for the signal, in one of the server's threads, instead of what the signal
    /// does else.
    void on_signal(int signal, std::function<void()> act);

    /// Serves until `stop`. Replies that were begun are sent whole.
    void run();

    /// May be called from any thread, and more than once.
    void stop();

  private:
    boost::asio::ip::tcp::endpoint address_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<std::unique_ptr<boost::asio::signal_set>> signals_;
};

}  // namespace crowfly
