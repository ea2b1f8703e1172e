#include "store/embedded/store_file.h"

#include <filesystem>

#include "core/error.h"
#include "store/embedded/geopackage.h"

namespace crowfly {

StoreFile::StoreFile(const std::string& path, sqlite::Access access)
    : path_(path),
      is_new_(access == sqlite::Access::create && !std::filesystem::exists(path)),
      connection_(std::make_unique<sqlite::Database>(path, access)) {
    if (access == sqlite::Access::create && geopackage::is_empty(*connection_)) {
        connection_->execute("PRAGMA journal_mode = WAL");
    } else {
        geopackage::require_geopackage(*connection_);
    }
    geopackage::add_geometry_functions(*connection_);
    connection_->execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
}

StoreFile::~StoreFile() {
    if (!is_new_) return;
    try {
        const bool stored_nothing = geopackage::is_empty(*connection_);
        connection_.reset();
        std::error_code ignored;
        if (stored_nothing) std::filesystem::remove(path_, ignored);
    } catch (const Error&) {
        // What cannot be read is not known to be empty, and stays.
    }
}

}  // namespace crowfly
