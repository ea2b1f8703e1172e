#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/id_column.h"
#include "cli/read_options.h"
#include "formats/place.h"

namespace crowfly {

/// Where one side of a join comes from, and what is wanted of it.
struct SideRequest {
    std::string path = {};
    ReadFlags read = {};
    std::string collection = {};  ///< of a store; empty: its only one
    bool with_categories = false;
    std::string max_distance_column = {};  ///< empty: none
};

/// One side of a join, or the places to be clustered: rows in columns. Those that were not asked for are
/// empty.
struct LoadedSide {
    std::string reference_system;  ///< as the file calls it, when coordinates are as they stand; or empty
    IdColumn ids;
    std::vector<LonLat> positions;                        ///< of a shape its representative position
    std::vector<std::shared_ptr<const Geometry>> shapes;  ///< null for points; empty when all are points
    std::vector<std::uint32_t> absent;                    ///< rows without a geometry, ascending
    std::vector<std::uint32_t> categories;                ///< numbers of `category_names`
    std::vector<std::string> category_names;              ///< in the order of their bytes
    std::vector<double> max_distances;

    std::size_t size() const noexcept { return positions.size(); }

    /// The row's geometry; null for a point.
    const Geometry* shape(std::size_t row) const noexcept {
        return shapes.empty() ? nullptr : shapes[row].get();
    }
    bool is_absent(std::uint32_t row) const noexcept;

    /// The number of a category; nothing when no row has it.
    std::optional<std::uint32_t> category_number(std::string_view name) const noexcept;
};

/// The reference system of the places as far as it is said: by the store, or for a file by the flags.
std::optional<Crs> reference_system_of(const SideRequest& request);

/// Reads all rows. A file's rows without ids are numbered as by NumberedSource. Rows without a geometry are
/// kept, others that are no places end the reading, as does an id that comes twice, or a max distance that is
/// no number of at least 0, with file, row and column. `crs` is that of a file. Throws as `open_places` does.
LoadedSide load_side(const SideRequest& request, Crs crs);

}  // namespace crowfly
