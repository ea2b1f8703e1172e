#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "cli/chained_source.h"
#include "cli/commands.h"
#include "cli/read_options.h"
#include "cli/source.h"
#include "store/snapshot.h"

namespace crowfly {
namespace {

struct InfoFlags {
    std::string source;
    ReadFlags read;
};

void print_extent(const std::optional<Extent>& extent) {
    if (!extent) return;
    fmt::print("extent      {}, {} to {}, {}\n", extent->min_lon, extent->min_lat, extent->max_lon,
               extent->max_lat);
}

void describe_store(const std::string& path) {
    const EmbeddedStore store(path, sqlite::Access::read_only);
    fmt::print("store       {}\n", path);
    for (const Schema& schema : store.schemas()) {
        const auto collection = store.open_collection(schema.name, {});
        fmt::print("\ncollection  {}\nplaces      {}\ncrs         {}\n", schema.name,
                   grouped(collection->count()), schema.crs == Crs::wgs84 ? "EPSG:4326" : "planar");
        print_extent(collection->extent());
        for (const Attribute& attribute : schema.attributes) {
            fmt::print("attribute   {} ({})\n", attribute.name, name(attribute.type));
        }
    }
}

void describe_file(const InfoFlags& flags) {
    const Crs crs = flags.read.reference_system().value_or(Crs::wgs84);
    Rejects rejects(OnError::skip);
    ChainedSource places({flags.source}, flags.read.place_format(), flags.read.options(crs), rejects,
                         "reading");
    Rows rows;
    for (Place place; places.next(place);) rows.push_back(0, "", place.position, "", "");
    fmt::print("file        {}\nplaces      {}\nrefused     {}\n", flags.source, grouped(rows.size()),
               grouped(rejects.count()));
    print_extent(rows.extent());
    std::fflush(stdout);
    report(rejects);
}

}  // namespace

void add_info_command(CLI::App& app) {
    auto flags = std::make_shared<InfoFlags>();
    CLI::App* command = app.add_subcommand("info", "Say what a store or a file holds");
    command->add_option("SOURCE", flags->source, "A store, or a file as `crowfly import` takes it")
        ->required();
    flags->read.add_to(*command);
    command->footer(
        "Rows of a file that are not places are counted, and the first of them reported on standard "
        "error.\n\n"
        "Examples:\n"
        "  crowfly info demo.gpkg\n"
        "  crowfly info shops.csv");
    command->callback([flags] {
        if (is_store(flags->source)) {
            describe_store(flags->source);
        } else {
            describe_file(*flags);
        }
    });
}

}  // namespace crowfly
