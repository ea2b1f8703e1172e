#!/bin/sh
# Sets up below build/bench the competitors that are no packages of Debian: kiddo, by cargo, and SciPy,
# scikit-learn, shapely, GeoPandas, PyCanopy and SedonaDB, in a virtual environment. What cannot be had is skipped, with a line that says so.
set -eu
cd "$(dirname "$0")/../.."

skip() { echo "bench: $1 skipped: $2" >&2; }

# kiddo's own flags and those of a program that is built for this processor alone.
build_kiddo() {
    RUSTFLAGS=$2 cargo build --release --locked --quiet --manifest-path bench/peers/kiddo/Cargo.toml \
        --target-dir "build/bench/$1"
}
if ! command -v cargo >/dev/null; then
    skip "kiddo is" "there is no cargo"
else
    build_kiddo kiddo '' || skip "kiddo is" "cargo could not build bench/peers/kiddo"
    build_kiddo kiddo-native '-C target-cpu=native' || skip "kiddo native is" "cargo could not build it"
fi

venv=build/bench/venv
wanted=bench/peers/requirements.txt
if ! cmp -s "$wanted" "$venv/installed.txt"; then
    rm -rf "$venv"
    if python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --requirement "$wanted"; then
        cp "$wanted" "$venv/installed.txt"
    else
        rm -rf "$venv"
        skip "SciPy, scikit-learn, shapely, GeoPandas, PyCanopy and SedonaDB are" "the virtual environment $venv could not be made"
    fi
fi
