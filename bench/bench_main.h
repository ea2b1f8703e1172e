#pragma once

#include <cstdio>
#include <exception>
#include <functional>
#include <string>

#include <CLI/CLI.hpp>

namespace crowfly::bench {

/// What every benchmark can be told.
struct CommonOptions {
    bool quick = false;
    std::string output;
    std::string data;
    std::string peers = "build/bench";

    /// `data_help` says what is in that directory.
    void add_to(CLI::App& app, const std::string& data_help) {
        app.add_flag("--quick", quick, "Fewer queries or points, one repeat: to see that all works");
        app.add_option("-o,--output", output, "Where the rows go as JSON")->capture_default_str();
        app.add_option("--data", data, data_help)->capture_default_str();
        app.add_option("--peers", peers, "Where bench/peers/setup.sh has set up the peers")
            ->capture_default_str();
    }
};

/// Parses the command line and runs the benchmark; returns what the program is to exit with.
inline int bench_main(CLI::App& app, int argc, char** argv, const std::function<void()>& run) {
    CLI11_PARSE(app, argc, argv);
    try {
        run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench: %s\n", error.what());
        return 1;
    }
    return 0;
}

}  // namespace crowfly::bench
