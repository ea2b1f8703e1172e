#include "service/service.h"

#include <algorithm>
#include <csignal>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include "core/error.h"
#include "service/listen_address.h"

namespace crowfly {
namespace {

constexpr std::chrono::seconds kKeepEvery{1};

std::size_t threads_of(const ServiceOptions& options) {
    return options.threads != 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
}

/// Raises the limit on open files to what the system allows, and returns how many connections that leaves
/// room for.
std::size_t room_for_connections(std::size_t wanted) {
    constexpr rlim_t kOtherFiles = 64;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    const rlim_t room = limit.rlim_max > 2 * kOtherFiles ? limit.rlim_max - kOtherFiles : kOtherFiles;
    if (room >= wanted) return wanted;
    spdlog::warn("the limit on open files ({}) leaves room for {} connections instead of {}", limit.rlim_max,
                 room, wanted);
    return room;
}

ServerLimits server_limits(const ServiceOptions& options) {
    return {.header_bytes = options.max_header_bytes,
            .connections = room_for_connections(options.max_connections),
            .idle = options.idle_timeout,
            .request = options.request_timeout,
            .write = options.write_timeout,
            .drain = options.drain_timeout};
}

ApiLimits api_limits(const ServiceOptions& options) {
    ApiLimits limits;
    limits.search_timeout = options.search_timeout;
    limits.most_body_bytes = options.max_body_bytes;
    limits.most_upload_bytes = options.max_upload_bytes;
    limits.most_neighbors = options.max_k;
    limits.pool_threads = threads_of(options);
    limits.bulk_threads = options.jobs;
    limits.bulk_queue = options.job_queue;
    limits.most_join_rows = options.max_join_rows;
    return limits;
}

EmbeddedStore open_store(const ServiceOptions& options, Executor& executor) try {
    const auto access = options.read_only ? sqlite::Access::read_only : sqlite::Access::read_write;
    EmbeddedStore store(options.store, access, {.executor = &executor});
    for (const InterruptedImport& import : store.interrupted_imports())
        spdlog::warn("{}: {}", options.store, import.text());
    return store;
} catch (const Error& error) {
    if (options.read_only || (error.code() != Code::busy && error.code() != Code::permission_denied)) throw;
    throw Error(error.code(), fmt::format("{}; --read-only serves it without writing", error.what()));
}

/// `hot`: attributes that are kept in memory.
EmbeddedOptions embedded_options(std::vector<std::string> hot) {
    EmbeddedOptions embedded;
    embedded.hot_attributes = std::move(hot);
    embedded.on_cache_fault = [](const std::string& fault) { spdlog::warn("{}", fault); };
    return embedded;
}

/// The attributes of the collection that are to be kept in memory.
std::vector<std::string> hot_attributes(const Schema& schema, const std::vector<std::string>& wanted) {
    std::vector<std::string> names;
    for (const Attribute& attribute : schema.attributes) {
        if (std::find(wanted.begin(), wanted.end(), attribute.name) != wanted.end())
            names.push_back(attribute.name);
    }
    return names;
}

std::vector<std::unique_ptr<Collection>> open_collections(const EmbeddedStore& store,
                                                          const ServiceOptions& options) {
    std::vector<std::unique_ptr<Collection>> collections;
    for (const Schema& schema : store.schemas()) {
        const auto metrics =
            schema.crs == Crs::wgs84 ? std::vector{MetricKind::spheroid} : std::vector<MetricKind>();
        collections.push_back(store.open_collection(
            schema.name, metrics, embedded_options(hot_attributes(schema, options.hot_attributes))));
        spdlog::info("{}: {} places", schema.name, collections.back()->count());
    }
    if (collections.empty())
        throw Error(Code::not_found, options.store + ": has no collection; `crowfly import` makes one");
    return collections;
}

std::unique_ptr<RequestLog> open_log(const ServiceOptions& options) {
    return options.log_requests ? std::make_unique<RequestLog>(options.request_log) : nullptr;
}

std::unique_ptr<TlsContext> tls_of(const ServiceOptions& options) {
    return options.tls_certificate.empty()
               ? nullptr
               : std::make_unique<TlsContext>(options.tls_certificate, options.tls_key);
}

void reopen(RequestLog& log) try { log.reopen(); } catch (const Error& error) {
    spdlog::error("{}; the log's file of before is kept", error.what());
}

}  // namespace

Service::Service(const ServiceOptions& options, const Notifier& notifier)
    : options_(options),
      notifier_(notifier),
      log_(open_log(options)),
      gate_(auth_of(options), options.rate_of_key, options.rate_of_address),
      tls_(tls_of(options)),
      executor_(threads_of(options)),
      store_(open_store(options, executor_)),
      api_(open_collections(store_, options), api_limits(options),
           {.gate = &gate_,
            .log = log_.get(),
            .cors_origins = options.cors_origins,
            .has_tls = tls_ != nullptr,
            .stripes = threads_of(options),
            .imports = {.store = &store_,
                        .most_running = options.jobs,
                        .most_bytes = options.max_upload_bytes,
                        .collections = embedded_options({}),
                        .ended = [this](const ImportStatus& import) { count(import); }}}),
      server_(parse_listen_address(options.listen), threads_of(options), server_limits(options), api_,
              tls_.get()) {
    add_process_metrics(api_.metrics());
    for (const int signal : {SIGINT, SIGTERM}) server_.on_signal(signal, [this] { stop(); });
    server_.on_signal(SIGHUP, [this] {
        if (log_) reopen(*log_);
    });
    std::signal(SIGPIPE, SIG_IGN);
}

std::string Service::url() const {
    const auto& address = server_.address();
    const std::string host = address.address().to_string();
    return fmt::format("{}://{}:{}", tls_ ? "https" : "http",
                       address.address().is_v6() ? "[" + host + "]" : host, address.port());
}

void Service::count(const ImportStatus& import) noexcept {
    MetricsStripe& stripe = api_.metrics().stripe(0);
    stripe.count_import_rows(import.progress.published, import.progress.rejected);
    const bool is_done = import.progress.phase == ImportPhase::finished;
    const bool is_cancelled = import.progress.phase == ImportPhase::cancelled;
    stripe.count_import(is_done        ? ImportOutcome::done
                        : is_cancelled ? ImportOutcome::cancelled
                                       : ImportOutcome::failed);
}

void Service::stop() {
    notifier_.stopping();
    api_.drain();
    server_.stop();
}

void Service::run() {
    std::jthread keeper([this](const std::stop_token& ended) { keep(ended); });
    notifier_.ready();
    server_.run();
    api_.finish();
}

/// What is due now and then, in a thread of its own.
void Service::keep(const std::stop_token& ended) {
    std::unique_lock lock(keeper_mutex_);
    while (!keeper_wakes_.wait_for(lock, ended, kKeepEvery, [&] { return ended.stop_requested(); })) {
        for (const std::string& line : gate_.authenticator().reload_if_changed()) spdlog::info("{}", line);
        try {
            if (tls_ && tls_->reload_if_changed()) spdlog::info("the certificate was read again");
        } catch (const Error& error) {
            spdlog::error("{}; the certificate of before still holds", error.what());
        }
        notifier_.alive();
    }
}

}  // namespace crowfly
