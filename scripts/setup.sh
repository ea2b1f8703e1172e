#!/bin/sh
# Installs what crowfly needs from the packages of Debian 12, and says what and why.
#
#   scripts/setup.sh [build|test|bench]
#
# `build` (the default) is enough for `make build` and `make run`; `test` adds what `make test` and .ci/run need,
# `bench` what `make bench` compares with.
# Does nothing, and needs no rights, when everything is there.
set -eu
cd "$(dirname "$0")/.."

wanted=${1:-build}

packages_for_build='
make|runs the two commands of the README
g++|compiler
cmake|build
ninja-build|build
ccache|makes later builds quick
pkg-config|finds GeographicLib
libboost1.81-dev|Asio and Beast (HTTP), Uuid, Polygon (hulls)
libsimdjson-dev|reads JSON
libfmt-dev|formats text
libspdlog-dev|writes logs
libcli11-dev|reads the command line
libssl-dev|TLS, hashes of keys
libjose-dev|verifies JSON Web Tokens
libtomlplusplus-dev|reads configuration files
prometheus-cpp-dev|writes metrics as Prometheus reads them
libhwy-dev|vector instructions, chosen at run time
libgeographiclib-dev|geodesics on the ellipsoid
libgeos-dev|hulls of clusters; judges planar distances in tests
libsqlite3-dev|the embedded store
libprotozero-dev|writes vector tiles
libxxhash-dev|checksums of index files
libutf8proc-dev|filters that take no notice of case or accents
zlib1g-dev|reads gzip
libgdal32|reads GeoPackage layers, Shapefile and FlatGeobuf
'
packages_for_test='
libgtest-dev|tests
libgmock-dev|matchers of the tests
gdal-bin|ogrinfo judges the GeoPackage files
openssl|certificates of the tests
clang-14|second compiler, sanitizers and fuzzers
libclang-rt-14-dev|run-time libraries of the sanitizers
llvm-14|readable traces from the sanitizers
clang-format-14|style check
python3|layering check
python3-venv|keeps schemathesis, which judges the service, apart from the system
'

packages_for_bench='
libnanoflann-dev|a competitor
libs2-dev|a competitor: S2ClosestPointQuery
python3-venv|keeps SciPy, scikit-learn and FastAPI, competitors, apart from the system
valgrind|counts instructions
postgresql-15|a competitor
postgresql-15-postgis-3|a competitor: distances between shapes
gdal-bin|a competitor: ogr2ogr imports
redis-server|a competitor: places that move
libhiredis-dev|asks Redis
wrk|loads services
'

case $wanted in
    bench) packages=$packages_for_build$packages_for_bench ;;
    build) packages=$packages_for_build ;;
    test) packages=$packages_for_build$packages_for_test ;;
    *)
        echo "usage: scripts/setup.sh [build|test|bench]" >&2
        exit 64
        ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "setup: this is not a Debian system; these packages, or their like, are needed:" >&2
    echo "$packages" | sed '/^$/d; s/|/: /; s/^/  /' >&2
    exit 0
fi

missing=
reasons=
while IFS='|' read -r package reason; do
    [ -n "$package" ] || continue
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    if [ "$status" != installed ]; then
        missing="$missing $package"
        reasons="$reasons  $package: $reason
"
    fi
done <<EOF
$packages
EOF

as_administrator() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# GDAL's headers. Debian's libgdal-dev asks for libboost1.74-dev, which cannot be installed beside libboost1.81-dev, so
# the package is unpacked where the build looks for it, and nothing of it is installed.
gdal_headers=build/libgdal-dev
unpack_gdal_headers() {
    [ ! -e /usr/include/gdal/gdal.h ] && [ ! -e "$gdal_headers/usr/include/gdal/gdal.h" ] || return 0
    echo "setup: unpacking the headers of libgdal-dev into $gdal_headers"
    mkdir -p "$gdal_headers"
    (
        cd "$gdal_headers"
        download='apt-get download -qq -o APT::Sandbox::User=root libgdal-dev'
        # Where the lists of packages are missing or old the first try fails.
        $download 2>/dev/null || { as_administrator apt-get update -qq && $download; }
        dpkg-deb -x libgdal-dev_*.deb .
        rm libgdal-dev_*.deb
    )
}

if [ -z "$missing" ]; then
    unpack_gdal_headers
    exit 0
fi

echo "setup: installing with apt-get:"
printf '%s' "$reasons"
if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    echo "setup: run as root: apt-get install --no-install-recommends$missing" >&2
    exit 77
fi
as_administrator apt-get update -qq
# shellcheck disable=SC2086 # the list is meant to be split
as_administrator env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
unpack_gdal_headers
echo "setup: done"
