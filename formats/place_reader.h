#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain.h"
#include "formats/input.h"
#include "formats/place.h"
#include "formats/rejects.h"

namespace crowfly {

enum class PlaceFormat {
    csv,      ///< comma-separated, RFC 4180, with a header line
    tsv,      ///< tab-separated, no quoting, with a header line
    geojson,  ///< a FeatureCollection or a single Feature, RFC 7946
    ndjson,   ///< one Feature a line; a leading record separator (RFC 8142) is passed over
    gdal,     ///< a layer of a GeoPackage, Shapefile or FlatGeobuf, see `open_gdal_layer`
};

/// "csv", "tsv", "geojson", "ndjson" or "gdal".
std::optional<PlaceFormat> place_format_named(std::string_view name) noexcept;

/// By the ending of the file's name (.csv, .tsv, .tab, .geojson, .json, .ndjson, .geojsonl, .jsonl,
/// .geojsons, .geojsonseq, each also with .gz; .gpkg, .shp, .fgb).
std::optional<PlaceFormat> place_format_of(std::string_view path);

/// Which columns (of GeoJSON: properties) hold what. An empty name stands for the usual names: id; name;
/// category; lon, lng, longitude, x; lat, latitude, y; wkt, geometry, geom, the_geom.
struct ColumnNames {
    std::string id = {};
    std::string name = {};
    std::string category = {};
    std::string lon = {};
    std::string lat = {};
    std::string geometry = {};

    friend bool operator==(const ColumnNames&, const ColumnNames&) = default;
};

struct ReadOptions {
    ColumnNames columns = {};
    std::vector<Attribute> attributes =
        {};  ///< properties with a declared type; all others keep what the file gives
    Crs crs = Crs::wgs84;
    std::function<void()> heartbeat = {};  ///< called for every 256th row, also of refused ones; may throw
    std::optional<char> delimiter = {};    ///< of delimited text, in place of comma or tab

    /// A row whose geometry is null or empty is a place without one instead of a reject.
    bool keep_without_geometry = false;

    /// Of a file that may have several; empty: its only one.
    std::string layer = {};

    /// When set, all other properties are passed over.
    std::optional<std::vector<std::string>> properties = {};
};

/// Thrown inside a reader for a row that is not a place; `PlaceReader::next` turns it into a reject.
struct RowFault {
    std::string member = {};  ///< column or member at fault; empty when it is the whole row
    std::string reason = {};
};

/// Reads places from a file, a row at a time, in memory that does not grow with the file.
class PlaceReader : public PlaceSource {
  public:
    bool next(Place& place) final;
    void refuse(std::string_view member, const std::string& reason) final;

    /// How much of the file has been read, and how much there is, in a unit of the reader's own, for a
    /// progress bar. The total is 0 when it is not known.
    virtual std::uint64_t units_read() const = 0;
    virtual std::uint64_t units_total() const = 0;

    /// What the file itself calls the reference system of coordinates that are taken as they stand; empty
    /// when it does not say.
    virtual std::string reference_system() const { return {}; }

  protected:
    /// `name` is what rejects call the file.
    PlaceReader(std::string name, ReadOptions options, Rejects& rejects)
        : name_(std::move(name)), options_(std::move(options)), rejects_(rejects) {}

    /// Moves to the next record; false at the end. Throws Error when the file cannot be read on.
    virtual bool read_record() = 0;

    /// Fills `place` (cleared) from the record. Throws RowFault.
    virtual void convert(Place& place) = 0;

    /// The line on which the record starts, 1-based; 0 in a file that has no lines.
    virtual std::uint64_t line() const = 0;

    /// The record as it stands in the file, with or without its line end; empty in a file that is not text.
    virtual std::string_view text() const { return {}; }

    /// How a reject names a member of the record; an empty one stands for all of it.
    virtual std::string describe(std::string_view member) const { return std::string(member); }

    /// Judges a geometry that was read from `member`, and gives it to the place. Throws RowFault.
    void set_geometry(Place& place, Geometry geometry, std::string_view member) const;

    /// Judges the position of a plain point in the same way.
    void set_position(Place& place, LonLat position, std::string_view member) const;

    /// The geometry in `member` is null or empty: keeps the place without one where that was asked for.
    /// Throws RowFault else.
    void set_no_geometry(Place& place, std::string_view member, std::string reason) const;

    /// Whether a property of that name is to be kept.
    bool wants_property(std::string_view name) const;

    /// Adds a property, converted when it is declared. Throws RowFault.
    void add_property(Place& place, std::string_view name, Value value) const;

    std::string name_;
    ReadOptions options_;

  private:
    std::string row() const;

    std::uint64_t rows_ = 0;
    Rejects& rejects_;
};

/// Reads a file as a stream of bytes, which it counts.
class StreamReader : public PlaceReader {
  public:
    std::uint64_t units_read() const final { return input_.bytes_read(); }
    std::uint64_t units_total() const final { return input_.bytes_total(); }

  protected:
    StreamReader(Input input, ReadOptions options, Rejects& rejects)
        : PlaceReader(input.name(), std::move(options), rejects), input_(std::move(input)) {}

    Input input_;
};

/// Opens a file of places; "-" is standard input and needs a format. Rows that are not places go to
/// `rejects`, which must outlive the reader. Throws Error(not_found, io, permission_denied),
/// Error(invalid_argument) when the format or the columns cannot be told, Error(malformed) when the file is
/// not of its format.
std::unique_ptr<PlaceReader> open_places(const std::string& path, std::optional<PlaceFormat> format,
                                         const ReadOptions& options, Rejects& rejects);

/// Reads places from bytes that come from anywhere. Throws likewise, and Error(unsupported) for
/// PlaceFormat::gdal, which needs a file.
std::unique_ptr<PlaceReader> read_places(Input input, PlaceFormat format, const ReadOptions& options,
                                         Rejects& rejects);

}  // namespace crowfly
