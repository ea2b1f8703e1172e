# Every library that the project links, found once. docs/architecture.md says what each is for.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(simdjson 3.0 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 2 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(hwy 1.0 REQUIRED)
pkg_check_modules(GeographicLib REQUIRED IMPORTED_TARGET geographiclib>=2.1)
pkg_check_modules(XXHash REQUIRED IMPORTED_TARGET libxxhash>=0.8)

if(CROWFLY_TESTS)
  include(GoogleTest)
  find_package(GTest REQUIRED)
endif()
