#!/bin/sh
# Where the instructions of a run go, by library and by source file.
#
#   tools/bench/profile.sh                              W1 with 100 nodes
#   tools/bench/profile.sh -D nodes=300 tools/bench/w1.scn
#   tools/bench/profile.sh --codec sampled tools/bench/w1.scn
#
# Arguments are those of dcsim. Builds in build-profile/ (release, with debug
# information); what callgrind counted is left there in calls.out, for
# callgrind_annotate. Some fifty times slower than the run itself.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
[ $# -gt 0 ] || set -- tools/bench/w1.scn

if [ ! -f build-profile/build.ninja ]; then
    meson setup build-profile -Dbuildtype=release -Ddebug=true -Dtests=disabled >/dev/null || exit 1
fi
ninja -C build-profile dcsim >/dev/null || exit 1
calls=build-profile/calls.out
valgrind --quiet --tool=callgrind --callgrind-out-file="$calls" build-profile/dcsim -q "$@" || exit 1

# A line is "COUNT (SHARE) FILE:FUNCTION [OBJECT]"; a library counts as one.
callgrind_annotate --threshold=100 --auto=no "$calls" | awk '
    $1 ~ /^[0-9,]+$/ && /PROGRAM TOTALS/ {
        gsub(/,/, "", $1)
        total = $1 + 0
    }
    $1 ~ /^[0-9,]+$/ && /:/ {
        where = $0
        sub(/^[^)]*\) */, "", where)
        if (where ~ /\/lib[^\/]*\.so[^\/]*\]$/) {
            sub(/^.*\/lib/, "lib", where)
            sub(/\.so.*/, "", where)
        } else {
            sub(/:.*/, "", where)
            sub(/^.*\.\.\/core\//, "core/", where)
            sub(/^.*\.\.\/sim\//, "sim/", where)
            if (where ~ /^(\.\/|\?\?\?|\/usr)/)
                where = "libc"
        }
        gsub(/,/, "", $1)
        sum[where] += $1
    }
    END {
        for (where in sum)
            if (sum[where] * 200 >= total)
                printf "%6.1f %%  %s\n", sum[where] * 100 / total, where
        printf "%6s    of %d million instructions; below 0.5 %% left out\n", "", total / 1000000
    }
' | sort -rn
