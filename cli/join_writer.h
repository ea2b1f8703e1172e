#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/join_answer.h"
#include "core/executor.h"

namespace crowfly {

enum class JoinFormat {
    csv,
    ndjson,   ///< one GeoJSON Feature a line
    geojson,  ///< a FeatureCollection
    gpkg,     ///< a layer of lines in a new GeoPackage
};

/// "csv", "ndjson", "geojson" or "gpkg".
std::optional<JoinFormat> join_format_named(std::string_view name) noexcept;

/// That of the name, or when it is empty that of the file's ending; of "-" CSV. Throws
/// Error(invalid_argument) when it cannot be told, or a GeoPackage is to go to standard output.
JoinFormat join_format(const std::string& name, const std::string& path);

/// Writes the answer of a join to a file, which is whole or absent. The columns are query_id, rank, object_id
/// and the distance, with a category before the distance when the k were chosen within each; numbers have the
/// fewest digits that read back as the same double. A query without neighbors has the others empty, or null.
/// All formats but CSV have the line from the query to where the object is nearest, cut at the antimeridian.
class JoinWriter {
  public:
    JoinWriter() = default;
    JoinWriter(const JoinWriter&) = delete;
    JoinWriter& operator=(const JoinWriter&) = delete;
    virtual ~JoinWriter() = default;

    /// Comes first. Both must outlive the writer; the executor's threads render.
    virtual void begin(const JoinAnswer& answer, Executor& executor) = 0;
    virtual void write(std::span<const JoinRow> rows) = 0;

    /// Comes last, and gives the file its name.
    virtual void commit() = 0;
};

/// Sees at once whether the file can be written. Throws as OutputFile does.
std::unique_ptr<JoinWriter> open_join_writer(const std::string& path, JoinFormat format);

}  // namespace crowfly
