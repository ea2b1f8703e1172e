#include "cli/source.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>

#include <fmt/format.h>

#include "core/error.h"
#include "store/embedded/geopackage.h"
#include "store/embedded/place_table.h"

namespace crowfly {

bool is_store(const std::string& path) {
    constexpr std::string_view kMagic("SQLite format 3\0", 16);
    // Looking into a pipe would take its first bytes away.
    if (!std::filesystem::is_regular_file(path)) return false;
    char head[kMagic.size()]{};
    std::ifstream file(path, std::ios::binary);
    return file.read(head, sizeof(head)) && std::string_view(head, sizeof(head)) == kMagic;
}

bool is_file(const std::string& path, const std::string& layer) {
    if (!is_store(path) || !layer.empty()) return true;
    sqlite::Database database(path, sqlite::Access::read_only);
    geopackage::require_geopackage(database);
    const auto tables = geopackage::feature_tables(database);
    return !tables.empty() && std::none_of(tables.begin(), tables.end(), [&](const auto& table) {
        return PlaceTable::schema_of(database, table).has_value();
    });
}

Schema pick_collection(const EmbeddedStore& store, const std::string& path, const std::string& name) {
    const std::vector<Schema> schemas = store.schemas();
    if (name.empty() && schemas.size() == 1) return schemas.front();
    std::string known;
    for (const Schema& schema : schemas) {
        if (schema.name == name) return schema;
        known += (known.empty() ? "" : ", ") + schema.name;
    }
    if (schemas.empty())
        throw Error(Code::not_found, path + ": has no collection; `crowfly import` makes one");
    if (name.empty()) {
        throw Error(
            Code::invalid_argument,
            fmt::format("{}: has several collections; choose one with --collection: {}", path, known));
    }
    throw Error(Code::not_found,
                fmt::format("{}: there is no collection \"{}\"; the file has {}", path, name, known));
}

}  // namespace crowfly
