#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include <boost/asio/ip/tcp.hpp>

#include "core/executor.h"
#include "service/api.h"
#include "service/gate.h"
#include "service/notify.h"
#include "service/request_log.h"
#include "service/server.h"
#include "service/service_options.h"
#include "service/tls.h"
#include "store/embedded/embedded_store.h"

namespace crowfly {

/// All of a service that runs: a store and its collections, who may come in, what they are answered, the log,
/// and the server.
class Service {
  public:
    /// Opens the store, starts to listen, and takes the signals that end it. Throws as `require_consistent`
    /// and as its parts do.
    Service(const ServiceOptions& options, const Notifier& notifier);
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    /// Where it listens: http://127.0.0.1:8080.
    std::string url() const;

    /// Serves until SIGINT or SIGTERM, then finishes what was begun. SIGHUP opens the log's file anew.
    /// Certificates and keys that have changed are read again, within seconds.
    void run();

  private:
    void keep(const std::stop_token& stop);
    void count(const ImportStatus& import) noexcept;
    void stop();

    ServiceOptions options_;
    const Notifier& notifier_;
    std::unique_ptr<RequestLog> log_;  // null: none; outlives those who write to it
    Gate gate_;
    std::unique_ptr<TlsContext> tls_;  // null: none
    ThreadExecutor executor_;
    EmbeddedStore store_;
    Api api_;
    Server server_;
    std::mutex keeper_mutex_;
    std::condition_variable_any keeper_wakes_;
};

}  // namespace crowfly
