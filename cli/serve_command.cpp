#include <filesystem>
#include <iostream>
#include <memory>

#include <spdlog/spdlog.h>

#include "cli/commands.h"
#include "cli/serve_settings.h"
#include "cli/source.h"
#include "core/error.h"
#include "service/notify.h"
#include "service/service.h"

namespace crowfly {
namespace {

void run_serve(const ServeSettings& settings) {
    const ServeSettings::Resolved resolved = settings.resolve(ServeSettings::environment());
    if (settings.print_only()) {
        std::cout << resolved.toml();
        return;
    }
    const ServiceOptions& options = resolved.options;
    require_consistent(options);
    if (std::filesystem::exists(options.store) && !is_store(options.store)) {
        throw Error(Code::invalid_argument, options.store + ": is not a store; `crowfly import " +
                                                options.store + " --to STORE.gpkg` makes one");
    }
    for (const std::string& variable : resolved.unknown_variables)
        spdlog::warn("{}: is no setting; `crowfly serve --help` lists them", variable);
    const Notifier notifier = Notifier::from_environment();
    Service service(options, notifier);
    spdlog::info("serving {} on {}", options.store, service.url());
    service.run();
    spdlog::info("stopped");
}

}  // namespace

void add_serve_command(CLI::App& app) {
    auto settings = std::make_shared<ServeSettings>();
    CLI::App* command = app.add_subcommand("serve", "Answer searches over HTTP");
    settings->add_to(*command);
    command->footer(
        "Each setting may also stand in the environment (CROWFLY_SEARCH_TIMEOUT=2s) or in a TOML file "
        "(--config); flags go before the environment, and that before the file.\n\n"
        "Ends on SIGINT or SIGTERM, once the replies that were begun are sent.\n\n"
        "Examples:\n"
        "  crowfly serve demo.gpkg\n"
        "  curl http://127.0.0.1:8080/knn/search -d '{\"point\": {\"type\": \"Point\", \"coordinates\": "
        "[-118.29, 36.58]}, "
        "\"k\": 3}'");
    command->callback([settings] { run_serve(*settings); });
}

}  // namespace crowfly
