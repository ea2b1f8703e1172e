#include <memory>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "core/error.h"
#include "store/embedded/backup.h"

namespace crowfly {
namespace {

struct BackupFlags {
    std::string store;
    std::string destination;
    bool replace = false;
    bool no_check = false;
};

void run_backup(const BackupFlags& flags) try {
    const Interrupt interrupt;
    Progress progress("copying", "pages");
    const std::uint64_t bytes = back_up(flags.store, flags.destination,
                                        {.replace = flags.replace,
                                         .check = !flags.no_check,
                                         .progress = [&](std::uint64_t done, std::uint64_t total) {
                                             Interrupt::check();
                                             progress.update(done, total, done);
                                         }});
    print(fmt::format("backed up {} to {} ({} bytes)\n", flags.store, flags.destination, grouped(bytes)));
} catch (const Error& error) {
    const std::string message = error.what();
    if (message == flags.destination + ": is there already")
        throw Error(error.code(), message + "; --replace replaces it");
    throw;
}

}  // namespace

void add_backup_command(CLI::App& app) {
    auto flags = std::make_shared<BackupFlags>();
    CLI::App* command = app.add_subcommand("backup", "Copy a store while it is in use");
    command->add_option("STORE", flags->store, "A store, also one that is being served and written")
        ->required();
    command->add_option("DEST", flags->destination, "The copy, a whole GeoPackage")->required();
    command->add_flag("--replace", flags->replace, "Let the copy take the place of a file that is there");
    command->add_flag("--no-check", flags->no_check,
                      "Copy a damaged store too, and do not look the copy through");
    command->footer(
        "The copy is the state of the store when the backup began. It takes its name when it is whole and on "
        "the disk; until then what was there is as it was. To restore, copy the other way.\n\n"
        "Examples:\n"
        "  crowfly backup demo.gpkg /backups/demo-$(date +%F).gpkg\n"
        "  crowfly backup demo.gpkg /backups/demo.gpkg --replace");
    command->callback([flags] { run_backup(*flags); });
}

}  // namespace crowfly
