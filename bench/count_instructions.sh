#!/bin/sh
# Counts the instructions of the fixed workload in bench/instruction_count.cpp, which depend on no other program that
# runs, and compares them with bench/instructions.json. Fails when one has grown by more than 5 percent.
#
#   bench/count_instructions.sh [--update]     (`make bench-instructions` builds first)
#
# --update writes bench/instructions.json instead.
set -eu
cd "$(dirname "$0")/.."

program=build/release/bin/instruction_count
counts=bench/instructions.json
works='build_spheroid plane_k1 plane_k10 spheroid_k10'

case ${1:-} in
    '' | --update) ;;
    *)
        echo "usage: bench/count_instructions.sh [--update]" >&2
        exit 64
        ;;
esac
if ! command -v valgrind >/dev/null; then
    echo "bench: valgrind, which counts instructions, is not there; scripts/setup.sh bench installs it" >&2
    exit 69
fi
if [ ! -x "$program" ]; then
    echo "bench: $program is not there; \`make bench-instructions\` builds it" >&2
    exit 66
fi
if [ -z "${1:-}" ] && [ ! -f "$counts" ]; then
    echo "bench: $counts, which the counts are compared with, is not there; --update writes it" >&2
    exit 66
fi

profiles=$(mktemp -d)
trap 'rm -rf "$profiles"' EXIT
dump_after=
for work in $works; do
    dump_after="$dump_after --dump-after=measured_$work"
done
# Callgrind 3.19 heeds --toggle-collect only once, hence the pattern, and takes none for --dump-after.
# shellcheck disable=SC2086 # the options are meant to be split
valgrind -q --tool=callgrind --callgrind-out-file="$profiles/profile" --toggle-collect='measured_*' $dump_after \
    "$program" >/dev/null

# One profile for each work, which names the function that it was written after.
count_of() {
    awk -v trigger="--dump-after=measured_$1" '
        $1 == "desc:" && $2 == "Trigger:" { found = $3 == trigger }
        $1 == "totals:" && found { print $2; exit }' "$profiles"/profile.*
}

new=$profiles/new.json
separator='{'
: >"$new"
for work in $works; do
    count=$(count_of "$work")
    if [ "${count:-0}" -eq 0 ]; then
        echo "bench: valgrind counted nothing in measured_$work" >&2
        exit 70
    fi
    printf '%s\n  "%s": %s' "$separator" "$work" "$count" >>"$new"
    separator=,
done
printf '\n}\n' >>"$new"

if [ "${1:-}" = --update ]; then
    cp "$new" "$counts"
    cat "$counts"
    exit 0
fi
# Both files have one work in a line.
awk -F '[":,]+' '
    NF < 3 { next }
    FNR == NR { old[$2] = $3 + 0; next }
    FNR < NR {
        if (!header++) printf "%-16s %15s %15s %9s\n", "instructions", "old", "new", "change"
        if (!old[$2]) { printf "%-16s %15s %15d\n", $2, "", $3; next }
        change = ($3 / old[$2] - 1) * 100
        printf "%-16s %15d %15d %+8.2f%%\n", $2, old[$2], $3, change
        if (change > 5) worse = worse " " $2
    }
    END {
        if (worse == "") exit 0
        print "bench: more than 5 percent worse:" worse > "/dev/stderr"
        exit 1
    }' "$counts" "$new"
