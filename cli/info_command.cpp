#include <memory>

#include <fmt/format.h>

#include "cli/chained_source.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/read_options.h"
#include "cli/source.h"

namespace crowfly {
namespace {

struct InfoFlags {
    std::string source;
    ReadFlags read;
};

std::string line_of(const std::optional<Extent>& extent) {
    if (!extent) return {};
    return fmt::format("extent      {}, {} to {}, {}\n", extent->min_lon, extent->min_lat, extent->max_lon,
                       extent->max_lat);
}

void describe_store(const InfoFlags& flags) {
    flags.read.require_absent(flags.source);
    const EmbeddedStore store(flags.source, sqlite::Access::read_only);
    std::string text = fmt::format("store       {}\n", flags.source);
    for (const Schema& schema : store.schemas()) {
        const auto collection = store.open_collection(schema.name, {});
        text += fmt::format("\ncollection  {}\nplaces      {}\ncrs         {}\n", schema.name,
                            grouped(collection->count()), schema.crs == Crs::wgs84 ? "EPSG:4326" : "planar");
        text += line_of(collection->extent());
        for (const Attribute& attribute : schema.attributes) {
            text += fmt::format("attribute   {} ({})\n", attribute.name, name(attribute.type));
        }
    }
    print(text);
}

void describe_file(const InfoFlags& flags) {
    const Crs crs = flags.read.reference_system().value_or(Crs::wgs84);
    Rejects rejects(OnError::skip);
    ChainedSource places({flags.source}, flags.read.place_format(), flags.read.options(crs), rejects,
                         "reading");
    std::uint64_t count = 0;
    std::optional<Extent> extent;
    for (Place place; places.next(place); ++count) grow(extent, place.vertices());
    print(fmt::format("file        {}\nplaces      {}\nrefused     {}\n{}", flags.source, grouped(count),
                      grouped(rejects.count()), line_of(extent)));
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
        if (is_file(flags->source, flags->read.layer)) {
            describe_file(*flags);
        } else {
            describe_store(*flags);
        }
    });
}

}  // namespace crowfly
