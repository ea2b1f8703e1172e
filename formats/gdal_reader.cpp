#include "formats/gdal_reader.h"

#include <cmath>
#include <cstddef>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.h"
#include "formats/gdal_library.h"
#include "formats/text.h"
#include "formats/wkb.h"

namespace crowfly {
namespace {

/// While one of these lives, what GDAL has to say in this thread is kept instead of printed.
class QuietGdal {
  public:
    explicit QuietGdal(const GdalLibrary& gdal) : gdal_(gdal) {
        gdal.CPLPushErrorHandler(gdal.CPLQuietErrorHandler);
        gdal.CPLErrorReset();
    }
    QuietGdal(const QuietGdal&) = delete;
    QuietGdal& operator=(const QuietGdal&) = delete;
    ~QuietGdal() { gdal_.CPLPopErrorHandler(); }

    bool has_failed() const { return gdal_.CPLGetLastErrorType() >= CE_Failure; }

    /// The last that it said, or `otherwise`.
    std::string said(const std::string& otherwise) const {
        const std::string text(trimmed(gdal_.CPLGetLastErrorMsg()));
        return text.empty() ? otherwise : text;
    }

  private:
    const GdalLibrary& gdal_;
};

/// What GDAL gave, with the function that takes it back.
using Owned = std::unique_ptr<void, void (*)(void*)>;

Owned open_dataset(const GdalLibrary& gdal, const std::string& path) {
    const std::filesystem::file_status status = std::filesystem::status(path);
    if (!std::filesystem::exists(status)) throw Error(Code::not_found, path + ": No such file or directory");
    if (!std::filesystem::is_regular_file(status)) throw Error(Code::io, path + ": is not a file");
    gdal.GDALAllRegister();
    const QuietGdal quiet(gdal);
    const char* const drivers[] = {"GPKG", "ESRI Shapefile", "FlatGeobuf", nullptr};
    Owned dataset(gdal.GDALOpenEx(path.c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR,
                                  drivers, nullptr, nullptr),
                  gdal.GDALClose);
    if (!dataset) {
        throw Error(Code::malformed,
                    fmt::format("{}: cannot be read as a GeoPackage, Shapefile or FlatGeobuf: {}", path,
                                quiet.said("GDAL does not say why")));
    }
    return dataset;
}

/// The layer of that name, or the only one that has geometries when the name is empty.
OGRLayerH pick_layer(const GdalLibrary& gdal, GDALDatasetH dataset, const std::string& path,
                     const std::string& name) {
    std::vector<std::string> known;
    OGRLayerH picked = nullptr;
    for (int i = 0; i < gdal.GDALDatasetGetLayerCount(dataset); ++i) {
        const OGRLayerH layer = gdal.GDALDatasetGetLayer(dataset, i);
        if (gdal.OGR_L_GetGeomType(layer) == wkbNone) continue;
        known.emplace_back(gdal.OGR_L_GetName(layer));
        if (name.empty() || known.back() == name) picked = layer;
    }
    if (name.empty() && known.size() > 1) {
        throw Error(Code::invalid_argument, fmt::format("{}: has several layers; choose one with --layer: {}",
                                                        path, fmt::join(known, ", ")));
    }
    if (picked != nullptr) return picked;
    if (known.empty()) throw Error(Code::not_found, path + ": has no layer with geometries");
    throw Error(Code::not_found, fmt::format("{}: there is no layer \"{}\" with geometries; the file has {}",
                                             path, name, fmt::join(known, ", ")));
}

std::string name_of(const GdalLibrary& gdal, OGRSpatialReferenceH reference) {
    const char* authority = gdal.OSRGetAuthorityName(reference, nullptr);
    const char* code = gdal.OSRGetAuthorityCode(reference, nullptr);
    if (authority != nullptr && code != nullptr) return fmt::format("{}:{}", authority, code);
    const char* name = gdal.OSRGetName(reference);
    return name == nullptr ? "unknown" : name;
}

/// Converts to longitude, latitude; null when nothing is to be converted.
Owned transformation_of(const GdalLibrary& gdal, OGRLayerH layer, const std::string& name) {
    const OGRSpatialReferenceH stored = gdal.OGR_L_GetSpatialRef(layer);
    Owned none(nullptr, gdal.OCTDestroyCoordinateTransformation);
    if (stored == nullptr) return none;
    const QuietGdal quiet(gdal);
    const Owned wgs84(gdal.OSRNewSpatialReference(nullptr), gdal.OSRDestroySpatialReference);
    if (gdal.OSRImportFromEPSG(wgs84.get(), 4326) != OGRERR_NONE)
        throw Error(Code::io, "PROJ: " + quiet.said("EPSG:4326 is not in its database"));
    gdal.OSRSetAxisMappingStrategy(wgs84.get(), OAMS_TRADITIONAL_GIS_ORDER);
    if (gdal.OSRIsSame(stored, wgs84.get()) != 0) return none;
    Owned transformation(
        gdal.OSRIsLocal(stored) != 0 ? nullptr : gdal.OCTNewCoordinateTransformation(stored, wgs84.get()),
        gdal.OCTDestroyCoordinateTransformation);
    if (!transformation) {
        throw Error(
            Code::invalid_argument,
            fmt::format("{}: its reference system, {}, cannot be converted to longitude and latitude; "
                        "expected one that can, or planar coordinates (--crs planar)",
                        name, name_of(gdal, stored)));
    }
    return transformation;
}

class GdalReader final : public PlaceReader {
  public:
    GdalReader(std::unique_ptr<const GdalLibrary> gdal, Owned dataset, OGRLayerH layer, std::string name,
               const ReadOptions& options, Rejects& rejects)
        : PlaceReader(std::move(name), options, rejects),
          gdal_(std::move(gdal)),
          dataset_(std::move(dataset)),
          layer_(layer),
          to_wgs84_(nullptr, gdal_->OCTDestroyCoordinateTransformation),
          feature_(nullptr, gdal_->OGR_F_Destroy) {
        if (options.crs == Crs::wgs84) to_wgs84_ = transformation_of(*gdal_, layer, name_);
        find_columns();
        const QuietGdal quiet(*gdal_);
        total_ = std::max<GIntBig>(gdal_->OGR_L_GetFeatureCount(layer_, FALSE), 0);
        gdal_->OGR_L_ResetReading(layer_);
    }

    std::uint64_t units_read() const override { return read_; }
    std::uint64_t units_total() const override { return static_cast<std::uint64_t>(total_); }
    std::string reference_system() const override {
        const OGRSpatialReferenceH stored = gdal_->OGR_L_GetSpatialRef(layer_);
        return options_.crs == Crs::planar && stored != nullptr ? name_of(*gdal_, stored) : std::string();
    }

  private:
    bool read_record() override;
    void convert(Place& place) override;
    std::uint64_t line() const override { return 0; }
    std::string describe(std::string_view member) const override {
        return fmt::format("feature {}{}{}", gdal_->OGR_F_GetFID(feature_.get()), member.empty() ? "" : ", ",
                           member);
    }

    int find(const std::string& wanted, std::string_view usual) const;
    void find_columns();
    std::string column_name(int column) const {
        return gdal_->OGR_Fld_GetNameRef(
            gdal_->OGR_FD_GetFieldDefn(gdal_->OGR_L_GetLayerDefn(layer_), column));
    }
    std::string text_of(int column) const;
    Value value_of(int column) const;
    void read_geometry(Place& place, const QuietGdal& quiet);

    std::unique_ptr<const GdalLibrary> gdal_;
    Owned dataset_;
    OGRLayerH layer_;  // of the dataset
    Owned to_wgs84_;   // null when nothing is to be converted
    int id_ = -1, name_column_ = -1, category_ = -1;
    std::vector<int> properties_;
    Owned feature_;
    std::uint64_t read_ = 0;
    GIntBig total_ = 0;
};

/// The column called `wanted`, or when that is empty the one that has the usual name, if there is one; -1 for
/// none.
int GdalReader::find(const std::string& wanted, std::string_view usual) const {
    const int count = gdal_->OGR_FD_GetFieldCount(gdal_->OGR_L_GetLayerDefn(layer_));
    std::vector<std::string> names;
    for (int column = 0; column < count; ++column) {
        names.push_back(column_name(column));
        if (wanted.empty() ? equal_ignoring_case(names.back(), usual) : names.back() == wanted) return column;
    }
    if (wanted.empty()) return -1;
    throw Error(Code::invalid_argument, fmt::format("{}: there is no column \"{}\"; the layer has: {}", name_,
                                                    wanted, fmt::join(names, ", ")));
}

void GdalReader::find_columns() {
    const ColumnNames& wanted = options_.columns;
    if (!wanted.lon.empty() || !wanted.lat.empty() || !wanted.geometry.empty()) {
        throw Error(Code::invalid_argument,
                    name_ + ": the position of a feature is its geometry; no column can stand in for it");
    }
    id_ = find(wanted.id, "id");
    name_column_ = find(wanted.name, "name");
    category_ = find(wanted.category, "category");
    const OGRFeatureDefnH definition = gdal_->OGR_L_GetLayerDefn(layer_);
    for (int column = 0; column < gdal_->OGR_FD_GetFieldCount(definition); ++column) {
        if (column == id_ || column == name_column_ || column == category_) continue;
        const bool is_binary =
            gdal_->OGR_Fld_GetType(gdal_->OGR_FD_GetFieldDefn(definition, column)) == OFTBinary;
        if (!is_binary && wants_property(column_name(column))) properties_.push_back(column);
    }
}

bool GdalReader::read_record() {
    const QuietGdal quiet(*gdal_);
    feature_.reset(gdal_->OGR_L_GetNextFeature(layer_));
    if (!feature_ && quiet.has_failed()) {
        throw Error(Code::malformed, fmt::format("{}: after {} features: {}", name_, read_,
                                                 quiet.said("GDAL does not say why")));
    }
    if (feature_) ++read_;
    return feature_ != nullptr;
}

std::string GdalReader::text_of(int column) const {
    if (column < 0 || gdal_->OGR_F_IsFieldSetAndNotNull(feature_.get(), column) == 0) return {};
    std::string text = gdal_->OGR_F_GetFieldAsString(feature_.get(), column);
    if (const std::string_view fault = text_fault(text); !fault.empty())
        throw RowFault{column_name(column), std::string(fault)};
    return text;
}

Value GdalReader::value_of(int column) const {
    const OGRFieldDefnH definition = gdal_->OGR_F_GetFieldDefnRef(feature_.get(), column);
    switch (gdal_->OGR_Fld_GetType(definition)) {
        case OFTInteger:
        case OFTInteger64: {
            const auto integer =
                static_cast<std::int64_t>(gdal_->OGR_F_GetFieldAsInteger64(feature_.get(), column));
            if (gdal_->OGR_Fld_GetSubType(definition) == OFSTBoolean) return integer != 0;
            return integer;
        }
        case OFTReal: {
            const double real = gdal_->OGR_F_GetFieldAsDouble(feature_.get(), column);
            return std::isfinite(real) ? Value(real) : Value();
        }
        default:
            return text_of(column);
    }
}

void GdalReader::read_geometry(Place& place, const QuietGdal& quiet) {
    const OGRGeometryH geometry = gdal_->OGR_F_GetGeometryRef(feature_.get());
    if (geometry == nullptr) return set_no_geometry(place, "geometry", "is null; a place needs a geometry");
    if (gdal_->OGR_G_IsEmpty(geometry) != 0)
        return set_no_geometry(place, "geometry", "is empty; a place needs a geometry");
    if (to_wgs84_ && gdal_->OGR_G_Transform(geometry, to_wgs84_.get()) != OGRERR_NONE) {
        throw RowFault{"geometry", "cannot be converted to longitude and latitude: " +
                                       quiet.said("PROJ does not say why")};
    }
    if (gdal_->OGR_GT_Flatten(gdal_->OGR_G_GetGeometryType(geometry)) == wkbPoint)
        return set_position(place, {gdal_->OGR_G_GetX(geometry, 0), gdal_->OGR_G_GetY(geometry, 0)},
                            "geometry");
    std::vector<std::byte> wkb(gdal_->OGR_G_WkbSizeEx(geometry));
    if (gdal_->OGR_G_ExportToIsoWkb(geometry, wkbNDR, reinterpret_cast<unsigned char*>(wkb.data())) !=
        OGRERR_NONE)
        throw RowFault{"geometry", quiet.said("cannot be read")};
    try {
        set_geometry(place, parse_wkb(wkb), "geometry");
    } catch (const Error& error) {
        throw RowFault{"geometry",
                       fmt::format("is a {}: {}", gdal_->OGR_G_GetGeometryName(geometry), error.what())};
    }
}

void GdalReader::convert(Place& place) {
    const QuietGdal quiet(*gdal_);
    read_geometry(place, quiet);
    place.id = id_ >= 0 ? text_of(id_) : std::to_string(gdal_->OGR_F_GetFID(feature_.get()));
    place.name = text_of(name_column_);
    place.category = text_of(category_);
    for (const int column : properties_) {
        if (gdal_->OGR_F_IsFieldSetAndNotNull(feature_.get(), column) != 0)
            add_property(place, column_name(column), value_of(column));
    }
}

}  // namespace

std::unique_ptr<PlaceReader> open_gdal_layer(const std::string& path, const ReadOptions& options,
                                             Rejects& rejects) {
    auto gdal = std::make_unique<const GdalLibrary>();
    Owned dataset = open_dataset(*gdal, path);
    const OGRLayerH layer = pick_layer(*gdal, dataset.get(), path, options.layer);
    std::string name = fmt::format("{} (layer {})", path, gdal->OGR_L_GetName(layer));
    return std::make_unique<GdalReader>(std::move(gdal), std::move(dataset), layer, std::move(name), options,
                                        rejects);
}

bool has_gdal() noexcept {
    return true;
}

}  // namespace crowfly
