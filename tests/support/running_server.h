#pragma once

#include <cstdint>
#include <thread>

#include "service/listen_address.h"
#include "service/server.h"

namespace crowfly::tests {

/// A server on a port of its own, for as long as the object lives. The handler must outlive it.
class RunningServer {
  public:
    explicit RunningServer(RequestHandler& handler, ServerLimits limits = {}, std::size_t threads = 2)
        : server_(parse_listen_address("127.0.0.1:0"), threads, limits, handler),
          thread_([this] { server_.run(); }) {}
    ~RunningServer() { stop(); }
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;

    void begin_to_stop() { server_.stop(); }
    void stop() {
        server_.stop();
        if (thread_.joinable()) thread_.join();
    }
    std::uint16_t port() const { return server_.address().port(); }

  private:
    Server server_;
    std::thread thread_;
};

}  // namespace crowfly::tests
