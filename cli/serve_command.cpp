#include <algorithm>
#include <filesystem>
#include <memory>
#include <thread>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include "cli/commands.h"
#include "cli/source.h"
#include "core/error.h"
#include "service/api.h"
#include "service/listen_address.h"
#include "service/server.h"

namespace crowfly {
namespace {

struct ServeFlags {
    std::string store;
    std::string listen = "127.0.0.1:8080";
    bool insecure = false;
    std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
};

std::string url_of(const boost::asio::ip::tcp::endpoint& address) {
    return address.address().is_v6()
               ? fmt::format("http://[{}]:{}", address.address().to_string(), address.port())
               : fmt::format("http://{}:{}", address.address().to_string(), address.port());
}

std::vector<std::unique_ptr<Collection>> open_collections(const std::string& path) {
    const EmbeddedStore store(path, sqlite::Access::read_only);
    std::vector<std::unique_ptr<Collection>> collections;
    for (const Schema& schema : store.schemas()) {
        const auto metrics =
            schema.crs == Crs::wgs84 ? std::vector{MetricKind::spheroid} : std::vector<MetricKind>();
        collections.push_back(store.open_collection(schema.name, metrics));
    }
    if (collections.empty())
        throw Error(Code::not_found, path + ": has no collection; `crowfly import` makes one");
    return collections;
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

void run_serve(const ServeFlags& flags) {
    const auto address = parse_listen_address(flags.listen);
    if (!address.address().is_loopback() && !flags.insecure) {
        throw Error(
            Code::invalid_argument,
            fmt::format(
                "--listen {}: is not a loopback address, and the service asks nobody who they are; add "
                "--insecure if that is meant",
                flags.listen));
    }
    if (std::filesystem::exists(flags.store) && !is_store(flags.store)) {
        throw Error(Code::invalid_argument,
                    fmt::format("{}: is not a store; `crowfly import {} --to STORE.gpkg` makes one",
                                flags.store, flags.store));
    }
    Api api(open_collections(flags.store));
    ServerLimits limits;
    limits.connections = room_for_connections(limits.connections);
    Server server(address, flags.threads, limits, api);
    server.stop_on_signals();
    spdlog::info("serving {} on {} with {} threads", flags.store, url_of(server.address()), flags.threads);
    server.run();
    spdlog::info("stopped");
}

}  // namespace

void add_serve_command(CLI::App& app) {
    auto flags = std::make_shared<ServeFlags>();
    CLI::App* command = app.add_subcommand("serve", "Answer searches over HTTP");
    command->add_option("STORE", flags->store, "A store, as `crowfly import` makes it")->required();
    command->add_option("--listen", flags->listen, "Address and port; port 0 lets the system choose")
        ->capture_default_str();
    command->add_option("--threads", flags->threads, "Event loops; default one for each processor")
        ->check(CLI::Range(1, 1024));
    command->add_flag("--insecure", flags->insecure, "Allow an address that other machines can reach");
    command->footer(
        "Ends on SIGINT or SIGTERM, once the replies that were begun are sent.\n\n"
        "Examples:\n"
        "  crowfly serve demo.gpkg\n"
        "  curl http://127.0.0.1:8080/knn/search -d '{\"point\": {\"type\": \"Point\", \"coordinates\": "
        "[-118.29, 36.58]}, "
        "\"k\": 3}'");
    command->callback([flags] { run_serve(*flags); });
}

}  // namespace crowfly
