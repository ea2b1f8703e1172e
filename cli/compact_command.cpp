#include <memory>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "store/embedded/compact.h"

namespace crowfly {
namespace {

void run_compact(const std::string& store) {
    const Compacted done = compact(store);
    for (const InterruptedImport& import : done.interrupted)
        fmt::print(stderr, "{}: {}\n", store, import.text());
    print(fmt::format("compacted {}: {} bytes before, {} after\n", store, grouped(done.bytes_before),
                      grouped(done.bytes_after)));
    if (done.log_remains)
        print(
            "others are reading it, so part of it is still in its log; the file shrinks once they have "
            "ended\n");
}

}  // namespace

void add_compact_command(CLI::App& app) {
    auto store = std::make_shared<std::string>();
    CLI::App* command =
        app.add_subcommand("compact", "Rewrite a store without the room that changes have left");
    command->add_option("STORE", *store, "A store that nobody writes meanwhile; others may read it")
        ->required();
    command->footer(
        "Needs free room of about twice the store's size beside it, and once its size for temporary files "
        "(SQLITE_TMPDIR, else /var/tmp). If it fails, or is interrupted, the store is as it was.\n\n"
        "Example:\n"
        "  crowfly compact demo.gpkg");
    command->callback([store] { run_compact(*store); });
}

}  // namespace crowfly
