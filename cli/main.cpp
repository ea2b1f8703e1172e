#include <cstdio>
#include <new>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "cli/commands.h"
#include "core/error.h"
#include "core/version.h"

namespace crowfly {
namespace {

int fail(Code code, const char* message) {
    std::fprintf(stderr, "crowfly: %s\n", message);
    return info(code).exit_code;
}

int run(int argc, char** argv) {
    CLI::App app("crowfly finds the nearest places on earth, exactly on the WGS84 ellipsoid.", "crowfly");
    app.set_version_flag("--version", kVersion, "Print the version and exit");
    app.require_subcommand(1);
    app.failure_message(CLI::FailureMessage::simple);
    app.footer(
        "Exit codes are those of BSD sysexits: 64 for a wrong argument, 65 for wrong data, 66 for a missing "
        "file, "
        "74 for failed input or output, 75 for try again, 130 when interrupted.");
    add_import_command(app);
    add_search_command(app);
    add_join_command(app);
    add_cluster_command(app);
    add_info_command(app);
    add_serve_command(app);
    add_key_command(app);
    add_backup_command(app);
    add_check_command(app);
    add_compact_command(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : info(Code::invalid_argument).exit_code;
    }
    return 0;
}

}  // namespace
}  // namespace crowfly

int main(int argc, char** argv) {
    using crowfly::Code;
    spdlog::set_default_logger(spdlog::stderr_color_mt("crowfly"));
    try {
        return crowfly::run(argc, argv);
    } catch (const crowfly::Error& error) {
        return crowfly::fail(error.code(), error.what());
    } catch (const std::bad_alloc&) {
        return crowfly::fail(Code::out_of_memory, "out of memory");
    } catch (const std::exception& error) {
        return crowfly::fail(Code::internal, error.what());
    }
}
