#pragma once

#include <optional>
#include <string>

#include "formats/place_reader.h"
#include "service/catalog.h"
#include "service/http.h"
#include "store/import_options.h"

namespace crowfly {

/// What the header of an import asks for.
struct ImportRequest {
    std::shared_ptr<Collection> into = {};  ///< null: a new one is made
    Schema schema = {};                     ///< of the collection
    PlaceFormat format = PlaceFormat::csv;
    ReadOptions read = {};
    ImportOptions options = {};
    OnError on_error = OnError::skip;

    /// Judges Content-Type and Content-Encoding, and the parameters
    ///
    ///     mode               atomic (the default) or batches
    ///     batch_rows         how many places mode=batches publishes at a time
    ///     on_error           skip (the default) or abort
    ///     id_column, name_column, category_column, lon_column, lat_column, geometry_column, delimiter
    ///     create             true: make the collection if there is none
    ///     attributes         of a new one: name:type with commas between
    ///
    /// Throws StatusError, InvalidRequest, and Error(not_found) where there is no such collection, and none
    /// is to be made.
    static ImportRequest of(const HttpRequest& request, const std::string& collection,
                            const Catalog& catalog);
};

}  // namespace crowfly
