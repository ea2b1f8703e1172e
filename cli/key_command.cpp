#include <algorithm>
#include <chrono>
#include <memory>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "core/error.h"
#include "formats/json_writer.h"
#include "formats/value.h"
#include "service/auth/key_file.h"
#include "service/utc_time.h"

namespace crowfly {
namespace {

using std::chrono::system_clock;

struct KeyFlags {
    std::string file;
    std::string name;
    std::string role = "reader";
    std::vector<std::string> collections;
    std::string expires;
    std::string id;
    bool json = false;
};

/// A time, or a number of days or hours from now.
std::optional<system_clock::time_point> parse_expiry(const std::string& text, system_clock::time_point now) {
    constexpr std::int64_t kMostDays = 36'500;
    if (text.empty()) return std::nullopt;
    if (const auto time = parse_utc(text)) return time;
    const std::int64_t hours = text.back() == 'd' ? 24 : 1;
    const auto value = converted(Value(text.substr(0, text.size() - 1)), AttributeType::integer);
    const auto* number = value ? std::get_if<std::int64_t>(&*value) : nullptr;
    if (number == nullptr || *number < 1 || *number > kMostDays * 24 / hours ||
        (text.back() != 'd' && text.back() != 'h')) {
        throw Error(
            Code::invalid_argument,
            fmt::format("--expires \"{}\": expected days or hours from now, as in 90d or 12h, or a time in "
                        "UTC, as 2027-01-31 or 2027-01-31T12:00:00Z",
                        text));
    }
    return std::chrono::floor<std::chrono::seconds>(now) + std::chrono::hours(*number * hours);
}

void run_add(const KeyFlags& flags) {
    const auto now = system_clock::now();
    const ApiKey key = add_key(flags.file,
                               {.name = flags.name,
                                .role = *role_named(flags.role),
                                .collections = flags.collections,
                                .expires = parse_expiry(flags.expires, now)},
                               now);
    fmt::print(stderr, "added key {} ({}) to {}; this is the only time that it is shown:\n", key.id,
               flags.role, flags.file);
    print(key.text + "\n");
}

std::string state_of(const KeyRecord& record, system_clock::time_point now) {
    if (!record.expires) return "never expires";
    return (*record.expires <= now ? "expired " : "expires ") + utc_text(*record.expires);
}

std::string table_of(const std::vector<KeyRecord>& records, system_clock::time_point now) {
    std::string text;
    for (const KeyRecord& record : records) {
        text += fmt::format(
            "{}  {:<6}  {:<28}  {}  {}\n", record.id, name(record.role), state_of(record, now),
            record.collections.empty() ? "all" : fmt::format("{}", fmt::join(record.collections, ",")),
            record.name);
    }
    return text;
}

std::string json_of(const std::vector<KeyRecord>& records, system_clock::time_point now) {
    std::string text;
    JsonWriter json(text);
    json.begin_array();
    for (const KeyRecord& record : records) {
        json.begin_object().key("id").string(record.id).key("name").string(record.name);
        json.key("role").string(name(record.role)).key("collections").begin_array();
        for (const std::string& collection : record.collections) json.string(collection);
        json.end_array().key("created").string(utc_text(record.created)).key("expires");
        json.string_or_null(record.expires ? utc_text(*record.expires) : "");
        json.key("expired").boolean(record.expires && *record.expires <= now).end_object();
    }
    json.end_array();
    return text + "\n";
}

void run_list(const KeyFlags& flags) {
    const auto records = read_key_file(flags.file);
    const auto now = system_clock::now();
    print(flags.json ? json_of(records, now) : table_of(records, now));
}

void run_revoke(const KeyFlags& flags) {
    revoke_key(flags.file, flags.id);
    print(fmt::format("revoked key {} in {}\n", flags.id, flags.file));
}

CLI::App* add_action(CLI::App& command, const char* action, const char* what,
                     const std::shared_ptr<KeyFlags>& flags) {
    CLI::App* sub = command.add_subcommand(action, what);
    sub->add_option("--keys", flags->file, "File of the keys")->required();
    return sub;
}

}  // namespace

void add_key_command(CLI::App& app) {
    auto flags = std::make_shared<KeyFlags>();
    CLI::App* command = app.add_subcommand("key", "Make, list and revoke the keys of the service");
    command->require_subcommand(1);

    CLI::App* add = add_action(*command, "add", "Make a key and print it", flags);
    add->add_option("--role", flags->role, "What it may: reader, writer or admin")
        ->check(CLI::IsMember({"reader", "writer", "admin"}))
        ->capture_default_str();
    add->add_option("--collection", flags->collections,
                    "Restrict it to this collection; may be given several times");
    add->add_option("--expires", flags->expires, "Days or hours from now, as 90d or 12h, or a time in UTC");
    add->add_option("--name", flags->name, "For people: who has it, what for");
    add->callback([flags] { run_add(*flags); });

    CLI::App* list = add_action(*command, "list", "List the keys, without their secrets", flags);
    list->add_flag("--json", flags->json, "As JSON");
    list->callback([flags] { run_list(*flags); });

    CLI::App* revoke = add_action(*command, "revoke", "Take a key out of the file", flags);
    revoke->add_option("ID", flags->id, "The 12 digits after crowfly_")->required();
    revoke->callback([flags] { run_revoke(*flags); });

    command->footer(
        "The file has hashes of the keys alone. A running service takes changes in by itself.\n\n"
        "Examples:\n"
        "  crowfly key add --keys keys.json --role reader --name \"the map\" --expires 365d\n"
        "  crowfly key list --keys keys.json\n"
        "  crowfly key revoke --keys keys.json 4f0c1a2b3c4d");
}

}  // namespace crowfly
