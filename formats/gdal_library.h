#pragma once

#include <cpl_error.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

namespace crowfly {

/// The functions of GDAL that are used, under their own names. The library is loaded when the first of these
/// is made: it brings more than a hundred others with it, for which a program that reads no layer should not
/// wait. It stays loaded.
class GdalLibrary {
  public:
    /// Throws Error(unsupported) when the library, or a function, is not there.
    GdalLibrary();

  private:
    void* handle_;

    void* find(const char* name) const;
    template <class Function>
    Function* function(const char* name) const {
        return reinterpret_cast<Function*>(find(name));
    }

  public:
#define CROWFLY_GDAL_FUNCTION(name) decltype(::name)* name = function<decltype(::name)>(#name)
    CROWFLY_GDAL_FUNCTION(CPLErrorReset);
    CROWFLY_GDAL_FUNCTION(CPLGetLastErrorMsg);
    CROWFLY_GDAL_FUNCTION(CPLGetLastErrorType);
    CROWFLY_GDAL_FUNCTION(CPLPopErrorHandler);
    CROWFLY_GDAL_FUNCTION(CPLPushErrorHandler);
    CROWFLY_GDAL_FUNCTION(CPLQuietErrorHandler);
    CROWFLY_GDAL_FUNCTION(GDALAllRegister);
    CROWFLY_GDAL_FUNCTION(GDALClose);
    CROWFLY_GDAL_FUNCTION(GDALDatasetGetLayer);
    CROWFLY_GDAL_FUNCTION(GDALDatasetGetLayerCount);
    CROWFLY_GDAL_FUNCTION(GDALOpenEx);
    CROWFLY_GDAL_FUNCTION(OCTDestroyCoordinateTransformation);
    CROWFLY_GDAL_FUNCTION(OCTNewCoordinateTransformation);
    CROWFLY_GDAL_FUNCTION(OGR_FD_GetFieldCount);
    CROWFLY_GDAL_FUNCTION(OGR_FD_GetFieldDefn);
    CROWFLY_GDAL_FUNCTION(OGR_F_Destroy);
    CROWFLY_GDAL_FUNCTION(OGR_F_GetFID);
    CROWFLY_GDAL_FUNCTION(OGR_F_GetFieldAsDouble);
    CROWFLY_GDAL_FUNCTION(OGR_F_GetFieldAsInteger64);
    CROWFLY_GDAL_FUNCTION(OGR_F_GetFieldAsString);
    CROWFLY_GDAL_FUNCTION(OGR_F_GetFieldDefnRef);
    CROWFLY_GDAL_FUNCTION(OGR_F_GetGeometryRef);
    CROWFLY_GDAL_FUNCTION(OGR_F_IsFieldSetAndNotNull);
    CROWFLY_GDAL_FUNCTION(OGR_Fld_GetNameRef);
    CROWFLY_GDAL_FUNCTION(OGR_Fld_GetSubType);
    CROWFLY_GDAL_FUNCTION(OGR_Fld_GetType);
    CROWFLY_GDAL_FUNCTION(OGR_G_ExportToIsoWkb);
    CROWFLY_GDAL_FUNCTION(OGR_G_GetGeometryName);
    CROWFLY_GDAL_FUNCTION(OGR_G_GetGeometryType);
    CROWFLY_GDAL_FUNCTION(OGR_G_GetX);
    CROWFLY_GDAL_FUNCTION(OGR_G_GetY);
    CROWFLY_GDAL_FUNCTION(OGR_G_IsEmpty);
    CROWFLY_GDAL_FUNCTION(OGR_G_Transform);
    CROWFLY_GDAL_FUNCTION(OGR_G_WkbSizeEx);
    CROWFLY_GDAL_FUNCTION(OGR_GT_Flatten);
    CROWFLY_GDAL_FUNCTION(OGR_L_GetFeatureCount);
    CROWFLY_GDAL_FUNCTION(OGR_L_GetGeomType);
    CROWFLY_GDAL_FUNCTION(OGR_L_GetLayerDefn);
    CROWFLY_GDAL_FUNCTION(OGR_L_GetName);
    CROWFLY_GDAL_FUNCTION(OGR_L_GetNextFeature);
    CROWFLY_GDAL_FUNCTION(OGR_L_GetSpatialRef);
    CROWFLY_GDAL_FUNCTION(OGR_L_ResetReading);
    CROWFLY_GDAL_FUNCTION(OSRDestroySpatialReference);
    CROWFLY_GDAL_FUNCTION(OSRGetAuthorityCode);
    CROWFLY_GDAL_FUNCTION(OSRGetAuthorityName);
    CROWFLY_GDAL_FUNCTION(OSRGetName);
    CROWFLY_GDAL_FUNCTION(OSRImportFromEPSG);
    CROWFLY_GDAL_FUNCTION(OSRIsLocal);
    CROWFLY_GDAL_FUNCTION(OSRIsSame);
    CROWFLY_GDAL_FUNCTION(OSRNewSpatialReference);
    CROWFLY_GDAL_FUNCTION(OSRSetAxisMappingStrategy);
#undef CROWFLY_GDAL_FUNCTION
};

}  // namespace crowfly
