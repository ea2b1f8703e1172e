#pragma once

#include <CLI/CLI.hpp>

namespace crowfly {

/// Each adds one subcommand, which does its work while the command line is parsed and throws Error when it
/// fails.
void add_import_command(CLI::App& app);
void add_search_command(CLI::App& app);
void add_cluster_command(CLI::App& app);
void add_join_command(CLI::App& app);
void add_info_command(CLI::App& app);
void add_serve_command(CLI::App& app);
void add_key_command(CLI::App& app);
void add_backup_command(CLI::App& app);
void add_check_command(CLI::App& app);
void add_compact_command(CLI::App& app);

}  // namespace crowfly
