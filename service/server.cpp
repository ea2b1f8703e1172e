#include "service/server.h"

#include <memory>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "core/error.h"
#include "service/connection.h"
#include "service/tls.h"

namespace crowfly {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr std::chrono::seconds kTick{1};

[[noreturn]] void throw_listen_error(const tcp::endpoint& address, const boost::system::error_code& error) {
    const bool taken = error == asio::error::address_in_use;
    throw Error(taken ? Code::busy : Code::io,
                fmt::format("cannot listen on {}:{}: {}", address.address().to_string(), address.port(),
                            taken ? "the port is in use" : error.message()));
}

tcp::acceptor bound_acceptor(asio::io_context& context, const tcp::endpoint& address, bool share_port) {
    try {
        tcp::acceptor acceptor(context);
        acceptor.open(address.protocol());
        acceptor.set_option(tcp::acceptor::reuse_address(true));
        if (share_port) acceptor.set_option(ReusePort(true));
        acceptor.bind(address);
        return acceptor;
    } catch (const boost::system::system_error& error) {
        throw_listen_error(address, error.code());
    }
}

/// Sharing a port would let two servers listen on it unawares; binding it alone first tells.
void require_free_port(const tcp::endpoint& address) {
    asio::io_context context;
    bound_acceptor(context, address, false);
}

}  // namespace

/// One thread's event loop, its acceptor and its connections.
class Worker {
  public:
    Worker(const tcp::endpoint& address, const ServerLimits& limits, RequestHandler& handler,
           const TlsContext* tls)
        : limits_(limits),
          handler_(handler),
          tls_(tls),
          acceptor_(bound_acceptor(context_, address, true)),
          tick_(context_) {
        try {
            acceptor_.listen();
        } catch (const boost::system::system_error& error) {
            throw_listen_error(address, error.code());
        }
    }

    tcp::endpoint address() const { return acceptor_.local_endpoint(); }
    asio::io_context& context() noexcept { return context_; }

    void run() {
        accept();
        on_tick();
        for (bool ended = false; !ended;) {
            try {
                context_.run();
                ended = true;
            } catch (const std::exception& error) {
                // Mostly a lack of memory. The connection that it befell is gone with its handler; the others
                // go on.
                spdlog::error("a connection was dropped: {}", error.what());
            }
        }
    }

    /// From any thread.
    void stop() {
        asio::post(context_, [this] { finish(); });
    }

  private:
    void accept() {
        accepting_ = true;
        acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
            accepting_ = false;
            if (stopping_) return;
            if (error) {
                // Mostly too many open files; the next tick tries again, when some may have closed.
                spdlog::warn("a connection could not be accepted: {}", error.message());
                return;
            }
            admit(std::move(socket));
            if (connections_.size() < limits_.connections) accept();
        });
    }

    void admit(tcp::socket socket) {
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        const auto connection =
            tls_ == nullptr
                ? Connection::make(std::move(socket), limits_, handler_, connections_)
                : Connection::make(std::move(socket), tls_->current(), limits_, handler_, connections_);
        connection->start();
    }

    /// Once a second: closes connections that are late, and takes up accepting again.
    void on_tick() {
        const auto now = Connection::Clock::now();
        for (Connection* connection : connections_) connection->enforce_deadline(now);
        if (stopping_ && (connections_.empty() || now > finish_deadline_)) {
            for (Connection* connection : connections_) connection->abandon();
            context_.stop();
            return;
        }
        tick_.expires_after(stopping_ ? std::chrono::milliseconds(20) : kTick);
        tick_.async_wait([this](boost::system::error_code error) {
            if (!error || stopping_) on_tick();
        });
        if (!stopping_ && !accepting_ && connections_.size() < limits_.connections) accept();
    }

    void finish() {
        if (stopping_) return;
        stopping_ = true;
        finish_deadline_ = Connection::Clock::now() + limits_.drain;
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        for (Connection* connection : connections_) connection->finish();
        tick_.cancel();
    }

    ServerLimits limits_;
    RequestHandler& handler_;
    const TlsContext* tls_;
    ConnectionSet connections_;  // before the context, whose end ends the connections
    asio::io_context context_{1};
    tcp::acceptor acceptor_;
    asio::steady_timer tick_;
    bool accepting_ = false;
    bool stopping_ = false;
    Connection::Clock::time_point finish_deadline_;
};

Server::Server(const tcp::endpoint& address, std::size_t threads, ServerLimits limits,
               RequestHandler& handler, const TlsContext* tls)
    : address_(address) {
    if (address.port() != 0) require_free_port(address);
    limits.connections = std::max<std::size_t>(1, limits.connections / threads);
    for (std::size_t i = 0; i < threads; ++i) {
        workers_.push_back(std::make_unique<Worker>(address_, limits, handler, tls));
        address_ = workers_.front()->address();
    }
}

Server::~Server() = default;

namespace {

void wait_for(asio::signal_set& signals, std::shared_ptr<const std::function<void()>> act) {
    signals.async_wait([&signals, act = std::move(act)](boost::system::error_code error, int /*signal*/) {
        if (error) return;
        (*act)();
        wait_for(signals, act);
    });
}

}  // namespace

void Server::on_signal(int signal, std::function<void()> act) {
    signals_.push_back(std::make_unique<asio::signal_set>(workers_.front()->context(), signal));
    wait_for(*signals_.back(), std::make_shared<const std::function<void()>>(std::move(act)));
}

void Server::run() {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < workers_.size(); ++i) {
        threads.emplace_back([worker = workers_[i].get()] { worker->run(); });
    }
    workers_.front()->run();
    stop();
}

void Server::stop() {
    for (const auto& worker : workers_) worker->stop();
}

}  // namespace crowfly
