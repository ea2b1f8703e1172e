// Times the store: imports beside ogr2ogr, searches while places move beside PostGIS and Redis, and the start
// of a process. Everything runs on two processors.

#include "bench/store/store_bench.h"

#include <filesystem>

#include "bench/bench_main.h"
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sched.h>

namespace crowfly::bench {
namespace {

/// This process and all that it starts share two of the processors that it may use.
void use_two_processors() {
    cpu_set_t allowed;
    cpu_set_t two;
    CPU_ZERO(&two);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    for (int processor = 0; processor < CPU_SETSIZE && CPU_COUNT(&two) < 2; ++processor) {
        if (CPU_ISSET(processor, &allowed)) CPU_SET(processor, &two);
    }
    sched_setaffinity(0, sizeof two, &two);
}

void run(const StoreBenchOptions& options, const std::string& self) {
    use_two_processors();
    const auto wanted = [&](const char* part) { return options.only.empty() || options.only == part; };
    std::vector<Row> rows;
    if (wanted("import")) import_rows(options, rows);
    if (wanted("amid")) import_amid_writes_rows(options, rows);
    if (wanted("start")) start_rows(options, self, rows);
    if (wanted("mixed")) mixed_rows(options, rows);
    print(rows);
    write_json(rows, options.output);
}

}  // namespace
}  // namespace crowfly::bench

int main(int argc, char** argv) {
    using namespace crowfly::bench;
    CLI::App app("Times imports, searches amid moves, and starts of a store.", "store_bench");
    StoreBenchOptions options;
    app.add_flag("--quick", options.quick, "Fewer places, one repeat: to see that all works");
    app.add_option("-o,--output", options.output, "Where the rows go as JSON")->capture_default_str();
    app.add_option("--places", options.places, "How many places")->capture_default_str();
    app.add_option("--seconds", options.seconds, "How long places move")->capture_default_str();
    app.add_option("--rate", options.rate, "How many places move in a second")->capture_default_str();
    app.add_option("--only", options.only, "Only this part")
        ->check(CLI::IsMember({"import", "amid", "start", "mixed"}));
    app.add_flag("--no-peers", options.no_peers, "crowfly alone");
    app.add_option("--crowfly", options.crowfly, "The program")->capture_default_str();
    std::string once;
    app.add_option("--answer-once", once)->group("");
    return bench_main(app, argc, argv, [&] {
        if (!once.empty()) return answer_once(once);
        if (options.quick) {
            options.places = std::min<std::size_t>(options.places, 50'000);
            options.seconds = std::min(options.seconds, 3.0);
        }
        run(options, std::filesystem::read_symlink("/proc/self/exe"));
    });
}
