#include "bench/wkt_column.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "formats/input.h"
#include "formats/wkt.h"

namespace crowfly::bench {

std::vector<Geometry> shapes_of(const std::filesystem::path& file, Crs crs) {
    Input input(file.string());
    while (input.fill()) {
    }
    std::vector<Geometry> shapes;
    std::string_view rest = input.window();
    rest.remove_prefix(std::min(rest.size(), rest.find('\n') + 1));
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        Geometry shape = parse_wkt(line.substr(line.rfind('\t') + 1));
        if (!geometry_fault(shape, crs)) shapes.push_back(std::move(shape));
    }
    return shapes;
}

}  // namespace crowfly::bench
