#include <memory>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "core/error.h"
#include "formats/json_writer.h"
#include "store/embedded/check.h"

namespace crowfly {
namespace {

struct CheckFlags {
    std::string store;
    bool full = false;
    bool json = false;
};

std::string made_by(const store_format::Version& version) {
    if (version.format == 0) return "no version recorded";
    return fmt::format("format {} of {}", version.format, version.program);
}

std::string text_of(const CheckFlags& flags, const CheckReport& report) {
    std::string text = fmt::format("store       {} ({} bytes, {} in the log; {})\n", flags.store,
                                   grouped(report.bytes), grouped(report.log_bytes), made_by(report.version));
    if (report.holder) text += fmt::format("held by     {}\n", report.holder->text());
    for (const CheckedCollection& collection : report.collections) {
        text += fmt::format(
            "collection  {}: {} places read, {} of them sought in the index, which was compared "
            "with the scan from {} points\n",
            collection.name, grouped(collection.places), grouped(collection.places_sought),
            collection.points_compared);
    }
    for (const std::string& note : report.notes) text += fmt::format("note        {}\n", note);
    for (const CheckFault& fault : report.faults)
        text += fmt::format("fault       {}: {}\n", fault.where, fault.what);
    if (report.fault_count == 0) return text + "sound\n";
    return text +
           fmt::format("faults      {}{}\n", grouped(report.fault_count),
                       report.fault_count > report.faults.size() ? ", of which the first are shown" : "");
}

void write(JsonWriter& json, const CheckedCollection& collection) {
    json.begin_object().key("name").string(collection.name).key("places").number(collection.places);
    json.key("extent");
    if (const auto& extent = collection.extent) {
        json.begin_array().number(extent->min_lon).number(extent->min_lat);
        json.number(extent->max_lon).number(extent->max_lat).end_array();
    } else {
        json.null();
    }
    json.key("places_sought").number(collection.places_sought);
    json.key("points_compared").number(collection.points_compared).end_object();
}

std::string json_of(const CheckFlags& flags, const CheckReport& report) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().key("store").string(flags.store).key("sound").boolean(report.fault_count == 0);
    json.key("full").boolean(flags.full).key("bytes").number(report.bytes);
    json.key("log_bytes").number(report.log_bytes).key("format").number(report.version.format);
    json.key("program").string_or_null(report.version.program);
    json.key("held_by").string_or_null(report.holder ? report.holder->text() : "");
    json.key("collections").begin_array();
    for (const CheckedCollection& collection : report.collections) write(json, collection);
    json.end_array().key("notes").begin_array();
    for (const std::string& note : report.notes) json.string(note);
    json.end_array().key("fault_count").number(report.fault_count).key("faults").begin_array();
    for (const CheckFault& fault : report.faults)
        json.begin_object().key("where").string(fault.where).key("what").string(fault.what).end_object();
    json.end_array().end_object();
    return text + "\n";
}

void run_check(const CheckFlags& flags) {
    CheckReport report;
    {
        const Interrupt interrupt;
        Progress progress("checking", "places");
        report = check(flags.store, {.full = flags.full, .progress = [&](std::uint64_t places) {
                                         Interrupt::check();
                                         progress.update(places, 0, places);
                                     }});
    }
    print(flags.json ? json_of(flags, report) : text_of(flags, report));
    if (report.fault_count > 0) throw Error(Code::corrupt, flags.store + ": is damaged");
}

}  // namespace

void add_check_command(CLI::App& app) {
    auto flags = std::make_shared<CheckFlags>();
    CLI::App* command = app.add_subcommand("check", "Look whether a store is sound");
    command->add_option("STORE", flags->store, "A store; others may read and write it meanwhile")->required();
    command->add_flag("--full", flags->full,
                      "Compare SQLite's indexes with their tables too, and seek every place in the index");
    command->add_flag("--json", flags->json, "Report as JSON");
    command->footer(
        "Judges the file's pages, each place, what the file says of its places, and the index, with the scan "
        "as "
        "judge. Changes nothing. Exit code 0 when the store is sound, 65 when it has faults.\n\n"
        "Examples:\n"
        "  crowfly check demo.gpkg\n"
        "  crowfly check demo.gpkg --full --json");
    command->callback([flags] { run_check(*flags); });
}

}  // namespace crowfly
