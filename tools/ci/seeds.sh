#!/bin/sh
# Every scenario holds with every seed, not just with its own: 1000 seeds of
# each, or 20 for more than 20 nodes. Those in scenarios/scale are too large for it.
# Without an argument also what the swarm makes of seeds, small and large.
#
#   tools/ci/seeds.sh [SCENARIO.scn...]
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1

seeds_small=1000
seeds_large=20
nodes_small=20
swarm_small=5000
swarm_large=100

tools/setup.sh >/dev/null || exit 1
cores=$(getconf _NPROCESSORS_ONLN)

rc=0
only=$*
[ $# -gt 0 ] || set -- $(find scenarios -name '*.scn' ! -path 'scenarios/scale/*' | sort)
for scenario in "$@"; do
    nodes=$(build/dcsim --json "$scenario" 2>/dev/null |
        sed -n 's/.*"nodes": *\([0-9]*\).*/\1/p' | head -n 1)
    last=$seeds_large
    [ "${nodes:-0}" -gt "$nodes_small" ] || last=$seeds_small
    # A shipped story meets all that it says, whatever the seed: unknown is not enough.
    build/dcsim -q --seeds "1..$last" -j "$cores" "$scenario" 2>/dev/null || rc=1
done
[ -z "$only" ] || exit $rc
build/dcsim fuzz -q --swarm --seeds "1..$swarm_small" -j "$cores" || rc=1
build/dcsim fuzz -q --swarm --nodes 30..60 --seeds "1..$swarm_large" -j "$cores" || rc=1
exit $rc
