# Every library that the project links, found once. docs/architecture.md says what each is for.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(simdjson 3.0 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 2 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(hwy 1.0 REQUIRED)
find_package(GEOS 3.11 REQUIRED)
pkg_check_modules(GeographicLib REQUIRED IMPORTED_TARGET geographiclib>=2.1)
pkg_check_modules(Prometheus REQUIRED IMPORTED_TARGET prometheus-cpp-core>=1.0)
pkg_check_modules(JOSE REQUIRED IMPORTED_TARGET jose>=11)
pkg_check_modules(Toml REQUIRED IMPORTED_TARGET tomlplusplus>=3.3)
pkg_check_modules(XXHash REQUIRED IMPORTED_TARGET libxxhash>=0.8)
pkg_check_modules(Utf8proc REQUIRED IMPORTED_TARGET libutf8proc>=2.6)

# Headers alone, without a file that tells CMake of them.
find_path(PROTOZERO_INCLUDE_DIR protozero/pbf_builder.hpp REQUIRED)
add_library(Protozero INTERFACE)
target_include_directories(Protozero SYSTEM INTERFACE ${PROTOZERO_INCLUDE_DIR})

# GDAL is loaded when it is first needed (formats/gdal_library), so it is built with its headers alone. Debian's
# libgdal-dev asks for Boost 1.74, which cannot be installed beside 1.81: scripts/setup.sh unpacks it into build/.
if(CROWFLY_GDAL)
  find_path(GDAL_HEADERS gdal.h PATH_SUFFIXES gdal HINTS ${PROJECT_SOURCE_DIR}/build/libgdal-dev/usr/include)
  if(NOT GDAL_HEADERS)
    message(FATAL_ERROR "The headers of GDAL 3.6 are not here: run scripts/setup.sh, or configure with -DCROWFLY_GDAL=OFF")
  endif()
  add_library(GDAL INTERFACE)
  target_include_directories(GDAL SYSTEM INTERFACE ${GDAL_HEADERS})
  target_link_libraries(GDAL INTERFACE ${CMAKE_DL_LIBS})
endif()

if(CROWFLY_TESTS)
  include(GoogleTest)
  find_package(GTest REQUIRED)
endif()
