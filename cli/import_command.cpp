#include <algorithm>
#include <chrono>
#include <memory>

#include <fmt/format.h>

#include "cli/chained_source.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/read_options.h"
#include "core/error.h"
#include "store/embedded/embedded_store.h"

namespace crowfly {
namespace {

struct ImportFlags {
    std::vector<std::string> files;
    std::string store;
    std::string collection = "places";
    std::vector<std::string> attributes;
    std::string on_error = "abort";
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

void run_import(const ImportFlags& flags) {
    const auto start = std::chrono::steady_clock::now();
    Rejects rejects(flags.on_error == "skip" ? OnError::skip : OnError::abort);
    std::uint64_t imported = 0;
    std::uint64_t total = 0;
    {
        const EmbeddedStore store(flags.store, sqlite::Access::create);
        bool is_new = false;
        const Schema schema = resolve_schema(store, flags, is_new);
        ReadOptions options = flags.read.options(schema.crs);
        options.attributes = schema.attributes;
        ChainedSource places(flags.files, flags.read.place_format(), options, rejects, "importing");
        if (is_new) {
            imported = total = store.create_collection(schema, {}, places)->count();
        } else {
            const auto collection = store.open_collection(schema.name, {});
            imported = collection->upsert(places);
            total = collection->count();
        }
    }
    report(rejects);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    print(fmt::format("imported {} places into {} ({} in collection {}, {} rows refused) in {:.2f} s\n",
                      grouped(imported), flags.store, grouped(total), flags.collection,
                      grouped(rejects.count()), seconds));
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
                     "What a row that is not a place does: abort (and import nothing) or skip")
        ->check(CLI::IsMember({"abort", "skip"}))
        ->capture_default_str();
    flags->read.add_to(*command);
    command->footer(
        "A place whose id is in the collection already replaces that one. All files are imported, or nothing "
        "is.\n\n"
        "Examples:\n"
        "  crowfly import cities.tsv.gz --to world.gpkg\n"
        "  crowfly import shops.csv --to shop.gpkg --collection shops --name-column title --attribute "
        "seats:integer\n"
        "  crowfly import feed.ndjson --to world.gpkg --on-error skip");
    command->callback([flags] { run_import(*flags); });
}

}  // namespace crowfly
