#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/auth/authenticator.h"
#include "service/rate_limit.h"
#include "service/request_log.h"

namespace crowfly {

/// All that can be set of a service, with its defaults. cli/serve_settings gives each a name; docs/service.md
/// says what it does.
struct ServiceOptions {
    std::string store;
    std::string listen = "127.0.0.1:8080";
    bool insecure = false;    ///< other machines may come without being asked who they are
    std::size_t threads = 0;  ///< event loops; 0: one for each processor
    bool read_only = false;   ///< the store is not opened for writing
    std::vector<std::string> hot_attributes = {};  ///< of all collections that have one of that name

    AuthOptions auth = {};
    JwtOptions jwt = {};  ///< without a key file there are no tokens
    std::string tls_certificate = {};
    std::string tls_key = {};
    std::vector<std::string> cors_origins = {};
    Rate rate_of_key = {.per_second = 0, .burst = 100};      ///< 0 a second: no limit
    Rate rate_of_address = {.per_second = 0, .burst = 100};  ///< the same

    std::chrono::milliseconds search_timeout{2'000};
    std::chrono::milliseconds request_timeout{20'000};  ///< from the first byte of a request to its last
    std::chrono::milliseconds idle_timeout{60'000};     ///< between two requests of a connection
    std::chrono::milliseconds write_timeout{20'000};    ///< for a client to take a reply
    std::chrono::milliseconds drain_timeout{10'000};  ///< for what was begun, once the service is told to end

    std::size_t max_connections = 10'000;
    std::uint64_t max_body_bytes = 1U << 20U;  ///< imports and joins aside
    std::uint64_t max_header_bytes = 16U << 10U;
    std::uint64_t max_upload_bytes = std::uint64_t{16} << 30U;  ///< of an import or a join
    std::size_t max_k = 10'000;
    std::size_t max_join_rows = 1'000'000;  ///< of the query side
    std::size_t jobs = 2;                   ///< joins, clusters and imports that run at a time
    std::size_t job_queue = 32;             ///< how many more may wait

    bool log_requests = true;
    RequestLogOptions request_log = {};
};

/// What goes together does. Throws Error(invalid_argument): no store; an address that other machines can
/// reach where nobody is asked who they are, unless that is meant; half of what TLS needs; what tokens must
/// have where there are none.
void require_consistent(const ServiceOptions& options);

/// How requests are to be judged.
AuthOptions auth_of(const ServiceOptions& options);

}  // namespace crowfly
