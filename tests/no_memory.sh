#!/bin/sh
# Wherever memory runs out, dcsim says nothing false: a story that holds never breaks, one that
# breaks never holds, no process dies of a signal, and of one run there is one verdict.
#
#   tests/no_memory.sh DCSIM LIBRARY
set -u
unset CDPATH
dcsim=$(realpath "$1")
library=$(realpath "$2")
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
cd "$scratch" || exit 2

printf 'scn 1\nnodes 3\nat 1s inc n1\nstop 6s\n' >held.scn
printf 'scn 1\nnodes 3\nat 1s inc n1 x3\nexpect value == 4 on all at 5s\nstop 6s\n' >broke.scn
failed=0
runs=0
for verdict in held broke; do
    rm -f count
    NO_MEMORY_COUNT=count LD_PRELOAD=$library "$dcsim" "$verdict.scn" >out 2>&1
    grep -q "^$verdict " out || { echo "$verdict.scn, with all memory:"; cat out; exit 1; }
    requests=$(wc -c <count)
    [ "$requests" -gt 50 ] || { echo "only $requests requests were counted"; exit 1; }
    at=1
    # Every third: the others are alike.
    while [ "$at" -le "$requests" ]; do
        for once in '' yes; do
            env NO_MEMORY_AT=$at ${once:+NO_MEMORY_ONCE=yes} \
                LD_PRELOAD="$library" "$dcsim" "$verdict.scn" >out 2>err </dev/null
            rc=$?
            runs=$((runs + 1))
            said=$(grep -c '^held \|^broke \|^unknown ' out)
            case $rc:$(sed -n 's/^\(held\|broke\|unknown\) .*/\1/p' out | head -n 1) in
            0:held | 1:broke | 3:"$verdict" | 3: | 2: | 4:unknown) ;;
            *) said=99 ;;
            esac
            [ "$rc" -ne 0 ] || [ "$verdict" = held ] || said=99
            [ "$rc" -ne 1 ] || [ "$verdict" = broke ] || said=99
            if [ "$said" -gt 1 ] || grep -q 'died of a signal' out; then
                echo "$verdict.scn, no memory at request $at ${once:+once}: exit $rc"
                cat out err
                failed=$((failed + 1))
            fi
        done
        at=$((at + 3))
    done
done
# The workers of a campaign, from their first request on.
for verdict in held broke; do
    for at in 1 2 3 4 5 6 8 10 15 20 30 40 60 80 100 120; do
        env NO_MEMORY_AT=$at NO_MEMORY_CHILDREN=yes LD_PRELOAD="$library" \
            "$dcsim" fuzz "$verdict.scn" --seeds 1..2 -j 2 >out 2>err </dev/null
        rc=$?
        runs=$((runs + 1))
        if grep -q 'unrepeatable\|internal\|died of a signal\|ended its process' out ||
            { [ "$verdict" = held ] && grep -q '^broke ' out; } ||
            { [ "$rc" -ne 4 ] && [ "$rc" -ne 1 ] && [ "$rc" -ne 0 ]; }; then
            echo "fuzz $verdict.scn, no memory at request $at of a worker: exit $rc"
            cat out err
            failed=$((failed + 1))
        fi
    done
done
echo "$runs runs without memory, $failed of them said something false"
[ "$failed" -eq 0 ]
