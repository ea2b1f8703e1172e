#!/bin/sh
# Serves a store and holds it to its OpenAPI document: the document is valid, schemathesis finds no answer that it does not describe and no
# failure of the server, and the client of docs/examples repeats what may be repeated.
#
#   tests/conformance/run.sh [SECONDS]
#
# SECONDS, 60 unless told otherwise, is how long schemathesis may take. CROWFLY is the program, build/release/bin/crowfly unless set. What
# this needs of Python is installed below build/conformance.
set -eu
cd "$(dirname "$0")/../.."

seconds=${1:-60}
crowfly=${CROWFLY:-build/release/bin/crowfly}
venv=build/conformance/venv
wanted=tests/conformance/requirements.txt
if ! cmp -s "$wanted" "$venv/installed.txt"; then
    echo "conformance: installing what $wanted names into $venv"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --requirement "$wanted"
    cp "$wanted" "$venv/installed.txt"
fi

work=$(mktemp -d)
server=
end() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM

"$crowfly" import data/cities.tsv.gz --to "$work/store.gpkg" --attribute population:integer >/dev/null
"$crowfly" serve "$work/store.gpkg" --listen 127.0.0.1:0 >"$work/requests" 2>"$work/log" &
server=$!
url=
while [ -z "$url" ]; do
    kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.1
    url=$(grep -o 'http://127\.0\.0\.1:[1-9][0-9]*' "$work/log" | head -n 1 || true)
done

echo "conformance: the document"
"$venv/bin/python" -c 'import sys, urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())' \
    "$url/openapi.json" >"$work/openapi.json"
"$venv/bin/openapi-spec-validator" "$work/openapi.json"

echo "conformance: the client that repeats"
PYTHONDONTWRITEBYTECODE=1 python3 tests/conformance/retrying_client_test.py "$url"

# One worker: CPython 3.11 parses wrongly in several threads at once (python/cpython issue 106905).
echo "conformance: what schemathesis finds in $seconds s"
SCHEMATHESIS_HOOKS=tests/conformance/hooks.py HYPOTHESIS_STORAGE_DIRECTORY=build/conformance/hypothesis PYTHONDONTWRITEBYTECODE=1 \
    "$venv/bin/schemathesis" --config-file tests/conformance/schemathesis.toml run "$url/openapi.json" --max-time "$seconds" \
    --workers 1 --warnings off || failed=$?

kill -TERM "$server"
ended=0
wait "$server" || ended=$?
server=
if [ "$ended" -ne 0 ] || grep -E '\[(error|critical)\]' "$work/log"; then
    echo "conformance: the server ended with $ended" >&2
    exit 1
fi
exit "${failed:-0}"
