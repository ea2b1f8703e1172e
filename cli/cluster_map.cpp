#include "cli/cluster_map.h"

#include <array>

#include <fmt/format.h>

#include "cli/map_picture.h"
#include "cli/progress.h"

namespace crowfly {
namespace {

constexpr std::size_t kColors = 12;  // of map_color

/// A layer for each colour.
using ColorLayers = std::array<std::size_t, kColors>;

ColorLayers add_layers(MapPicture& map, const MapStyle& style) {
    ColorLayers layers;
    for (std::size_t number = 0; number < kColors; ++number) {
        MapStyle own = style;
        own.color = map_color(number);
        if (number > 0) own.label.clear();
        layers[number] = map.add_layer(std::move(own));
    }
    return layers;
}

}  // namespace

std::string cluster_map(const ClusterPlaces& read, const Clustering& found,
                        std::span<const ClusterSummary> summaries) {
    MapPicture map(read.crs);
    const ColorLayers hulls = add_layers(map, {.stroke = 0.8});
    const std::size_t noise = map.add_layer({.label = "in no cluster", .color = "#9a9a9a", .dot = 2.5});
    const ColorLayers members =
        add_layers(map, {.label = fmt::format("clusters: {}", grouped(found.clusters)), .dot = 3.5});
    for (std::size_t cluster = 0; cluster < summaries.size(); ++cluster) {
        if (summaries[cluster].hull) map.add_shape(hulls[cluster % kColors], *summaries[cluster].hull);
    }
    for (std::size_t row = 0; row < read.positions.size(); ++row) {
        const std::int64_t label = found.labels[row];
        const std::size_t layer =
            label == kNoise ? noise : members[static_cast<std::size_t>(label) % kColors];
        map.add_point(layer, read.positions[row]);
    }
    return map.svg();
}

}  // namespace crowfly
