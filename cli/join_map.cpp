#include "cli/join_map.h"

#include <fmt/format.h>

#include "cli/progress.h"

namespace crowfly {
namespace {

std::string label(const char* what, const LoadedSide& side) {
    return fmt::format("{}: {}", what, grouped(side.size()));
}

}  // namespace

JoinMap::JoinMap(const LoadedSide& queries, const LoadedSide& objects, Crs crs)
    : queries_(queries),
      objects_(objects),
      map_(crs),
      object_layer_(map_.add_layer({.label = label("objects", objects),
                                    .color = "#2f6f9f",
                                    .dot = 4,
                                    .stroke = 0.8,
                                    .is_framed = queries.size() == 0})),
      line_layer_(map_.add_layer({.color = "#e08a3c"})),
      query_layer_(
          map_.add_layer({.label = label("queries", queries), .color = "#c0392b", .dot = 5, .stroke = 0.8})) {
}

void JoinMap::add(const JoinAnswer& answer, std::span<const JoinRow> rows) {
    for (const JoinRow& row : rows) {
        if (row.rank == 0 || ++line_count_ > MapPicture::kMostLines) continue;
        const auto [from, to] = answer.line(row);
        map_.add_line(line_layer_, from, to);
    }
}

std::string JoinMap::svg() {
    add(object_layer_, objects_);
    add(query_layer_, queries_);
    if (line_count_ > MapPicture::kMostLines) {
        map_.set_label(line_layer_, fmt::format("lines: the first {} of {}", grouped(MapPicture::kMostLines),
                                                grouped(line_count_)));
    }
    return map_.svg();
}

void JoinMap::add(std::size_t layer, const LoadedSide& side) {
    for (std::uint32_t row = 0; row < side.size(); ++row) {
        if (side.shape(row) != nullptr) {
            map_.add_shape(layer, *side.shape(row));
        } else if (!side.is_absent(row)) {
            map_.add_point(layer, side.positions[row]);
        }
    }
}

}  // namespace crowfly
