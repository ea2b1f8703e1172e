#pragma once

#include <string>

#include "store/collection.h"
#include "store/embedded/embedded_store.h"

namespace crowfly {

/// Whether the path is an SQLite file, by its first bytes. What cannot be read, or is not a regular file, is
/// none.
bool is_store(const std::string& path);

/// Whether the path is to be read as a file of places: it is no SQLite file, or it is a GeoPackage of which a
/// layer is asked for, or one that has tables of features but no collection.
bool is_file(const std::string& path, const std::string& layer);

/// The collection of that name, or the only one when the name is empty. Throws Error(invalid_argument) when
/// there are several, naming them.
Schema pick_collection(const EmbeddedStore& store, const std::string& path, const std::string& name);

}  // namespace crowfly
