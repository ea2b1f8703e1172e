#include "formats/gdal_library.h"

#include <string>

#include <dlfcn.h>

#include "core/error.h"

namespace crowfly {
namespace {

/// The name of GDAL 3.6, against whose headers this is built.
constexpr const char* kLibrary = "libgdal.so.32";

[[noreturn]] void fail() {
    const char* reason = ::dlerror();
    throw Error(
        Code::unsupported,
        std::string("layers of GeoPackage, Shapefile and FlatGeobuf are read through GDAL 3.6, which cannot "
                    "be loaded: ") +
            (reason == nullptr ? kLibrary : reason));
}

/// Its threads and handlers outlive any one use, so it is never unloaded.
void* load() {
    void* const handle = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr) fail();
    return handle;
}

}  // namespace

GdalLibrary::GdalLibrary() : handle_(load()) {}

void* GdalLibrary::find(const char* name) const {
    void* const address = ::dlsym(handle_, name);
    if (address == nullptr) fail();
    return address;
}

}  // namespace crowfly
