#include <algorithm>
#include <chrono>
#include <memory>

#include <fmt/format.h>

#include "cli/chained_source.h"
#include "cli/commands.h"
#include "cli/import_watch.h"
#include "cli/output.h"
#include "cli/read_options.h"
#include "core/error.h"
#include "formats/reject_report.h"
#include "store/embedded/embedded_store.h"
#include "store/import_job.h"

namespace crowfly {
namespace {

struct ImportFlags {
    std::vector<std::string> files;
    std::string store;
    std::string collection = "places";
    std::vector<std::string> attributes;
    std::string on_error;  ///< empty: skip, if there is a file for the rejects
    std::string rejects;
    bool per_batch = false;
    std::size_t batch_rows = ImportOptions().batch_rows;
    ReadFlags read;
};

std::vector<Attribute> parse_attributes(const std::vector<std::string>& texts) {
    std::vector<Attribute> attributes;
    for (const std::string& text : texts) {
        const std::size_t colon = text.rfind(':');
        const auto type =
            colon == std::string::npos ? std::nullopt : attribute_type_named(text.substr(colon + 1));
        if (!type) {
            throw Error(
                Code::invalid_argument,
                fmt::format(
                    "--attribute \"{}\": expected NAME:TYPE, with boolean, integer, real or text as type",
                    text));
        }
        attributes.push_back({text.substr(0, colon), *type});
    }
    return attributes;
}

/// The schema of the collection in the store, which what was asked for must not contradict, or the one asked
/// for.
Schema resolve_schema(const EmbeddedStore& store, const ImportFlags& flags, bool& is_new) {
    Schema wanted{.name = flags.collection,
                  .crs = flags.read.reference_system().value_or(Crs::wgs84),
                  .attributes = parse_attributes(flags.attributes)};
    const std::vector<Schema> schemas = store.schemas();
    const auto stored = std::find_if(schemas.begin(), schemas.end(),
                                     [&](const Schema& schema) { return schema.name == wanted.name; });
    is_new = stored == schemas.end();
    if (is_new) {
        require_valid(wanted);
        return wanted;
    }
    if (flags.read.reference_system() && wanted.crs != stored->crs) {
        throw Error(Code::conflict,
                    fmt::format("collection \"{}\" has another reference system", wanted.name));
    }
    for (const Attribute& attribute : wanted.attributes) {
        if (std::find(stored->attributes.begin(), stored->attributes.end(), attribute) ==
            stored->attributes.end()) {
            throw Error(
                Code::conflict,
                fmt::format("collection \"{}\" has no attribute {}:{}; attributes are declared by the "
                            "first import",
                            wanted.name, attribute.name, name(attribute.type)));
        }
    }
    return *stored;
}

/// Where rejects go.
struct RejectsOutput {
    explicit RejectsOutput(const ImportFlags& flags) {
        if (!flags.rejects.empty()) report.emplace(flags.rejects);
        const bool skips = flags.on_error.empty() ? report.has_value() : flags.on_error == "skip";
        const OnError policy = skips ? OnError::skip : OnError::abort;
        if (report) {
            rejects.emplace(policy, [this](const Reject& reject) { report->add(reject); });
        } else {
            rejects.emplace(policy);
        }
    }
    RejectsOutput(const RejectsOutput&) = delete;
    RejectsOutput& operator=(const RejectsOutput&) = delete;

    std::optional<RejectReport> report;
    std::optional<Rejects> rejects;
};

/// What the user is told when an import ends before its time.
Error explained(const Error& error, const ImportFlags& flags, const ImportProgress& progress) {
    const bool interrupted = error.code() == Code::cancelled;
    if (!flags.per_batch) {
        return interrupted ? Error(error.code(), "interrupted; nothing was changed") : error;
    }
    return {error.code(),
            fmt::format("{}; {} places had been imported, and stay",
                        interrupted ? "interrupted" : error.what(), grouped(progress.published))};
}

struct Imported {
    std::uint64_t places = 0;
    std::uint64_t in_collection = 0;
};

/// All files into the store.
Imported import_files(const ImportFlags& flags, const EmbeddedStore& store, Rejects& rejects) {
    bool is_new = false;
    const Schema schema = resolve_schema(store, flags, is_new);
    ReadOptions read = flags.read.options(schema.crs);
    read.attributes = schema.attributes;
    ChainedSource places(flags.files, flags.read.place_format(), read, rejects, "importing");
    const ImportOptions options{.mode = flags.per_batch ? ImportMode::batches : ImportMode::atomic,
                                .batch_rows = flags.batch_rows};
    const std::vector<MetricKind> metrics{schema.crs == Crs::wgs84 ? MetricKind::spheroid
                                                                   : MetricKind::plane};
    std::unique_ptr<Collection> collection;
    if (!is_new) collection = store.open_collection(schema.name, metrics);
    ImportJob job = is_new ? ImportJob(store, {.schema = schema, .metrics = metrics}, options)
                           : ImportJob(store, *collection, options);
    try {
        const ImportWatch watch(job);
        job.run(places, rejects);
    } catch (const Error& error) {
        throw explained(error, flags, job.progress());
    }
    if (is_new) collection = job.take_collection();
    return {.places = job.progress().published, .in_collection = collection->count()};
}

void run_import(const ImportFlags& flags) {
    const auto start = std::chrono::steady_clock::now();
    RejectsOutput output(flags);
    Imported imported;
    {
        const EmbeddedStore store(flags.store, sqlite::Access::create);
        for (const InterruptedImport& other : store.interrupted_imports())
            fmt::print(stderr, "{}: {}\n", flags.store, other.text());
        imported = import_files(flags, store, *output.rejects);
    }
    if (output.report) output.report->finish();
    report(*output.rejects);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    print(fmt::format("imported {} places into {} ({} in collection {}, {} rows refused) in {:.2f} s\n",
                      grouped(imported.places), flags.store, grouped(imported.in_collection),
                      flags.collection, grouped(output.rejects->count()), seconds));
}

}  // namespace

void add_import_command(CLI::App& app) {
    auto flags = std::make_shared<ImportFlags>();
    CLI::App* command = app.add_subcommand("import", "Import files of places into a store");
    command
        ->add_option("FILE", flags->files,
                     "CSV, TSV, GeoJSON or newline-delimited GeoJSON, also gzipped; GeoPackage, Shapefile or "
                     "FlatGeobuf; - is standard input")
        ->required();
    command->add_option("--to", flags->store, "The store, a GeoPackage file; made when it is not there")
        ->required();
    command
        ->add_option("--collection", flags->collection, "Collection in the store; made when it is not there")
        ->capture_default_str();
    command
        ->add_option("--attribute", flags->attributes,
                     "Give a property a typed column: NAME:boolean, NAME:integer, NAME:real or NAME:text; "
                     "may be repeated")
        ->allow_extra_args(false);
    command
        ->add_option("--on-error", flags->on_error,
                     "What a row that is not a place does: abort (and import nothing) or skip (default: skip "
                     "with --rejects, else abort)")
        ->check(CLI::IsMember({"abort", "skip"}));
    command->add_option("--rejects", flags->rejects,
                        "A CSV file for the rows that are not places, with line, column, reason and the row");
    CLI::Option* per_batch = command->add_flag(
        "--per-batch,!--atomic", flags->per_batch,
        "Import some places at a time, which can be searched at once and stay when the import fails "
        "(default: all at the end, or none)");
    command->add_option("--batch-rows", flags->batch_rows, "How many places --per-batch imports at a time")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
        ->needs(per_batch)
        ->capture_default_str();
    flags->read.add_to(*command);
    command->footer(
        "A place whose id is in the collection already replaces that one. All files are imported, or nothing "
        "is, unless --per-batch is given.\n\n"
        "Examples:\n"
        "  crowfly import cities.tsv.gz --to world.gpkg\n"
        "  crowfly import shops.csv --to shop.gpkg --collection shops --name-column title --attribute "
        "seats:integer\n"
        "  crowfly import feed.ndjson --to world.gpkg --rejects refused.csv");
    command->callback([flags] { run_import(*flags); });
}

}  // namespace crowfly
