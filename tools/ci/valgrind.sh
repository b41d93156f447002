#!/bin/sh
# Runs some scenarios under valgrind: bytes that nobody wrote and that a run
# depends on, which the sanitizers do not see, and leaks. Stdout has to be the
# same as without valgrind.
#
#   tools/ci/valgrind.sh [SCENARIO.scn...]
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1

# Around the program itself: through a test harness that forks, valgrind's exit
# status is lost. The plain build: gcc's, whose debug information valgrind can read, and
# none of those in which no byte is unwritten.
tools/setup.sh >/dev/null || exit 1
dcsim=$PWD/build/dcsim

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

# valgrind is some 40 times slower: nothing larger than this.
nodes_most=300
[ $# -gt 0 ] || set -- $(find scenarios -name '*.scn' ! -path 'scenarios/scale/*' | sort)
# What a broken run leaves behind stays out of the checkout.
ln -s "$PWD/scenarios" "$scratch/scenarios"
cd "$scratch" || exit 1
rc=0
count=0
for scenario in "$@"; do
    nodes=$("$dcsim" run "$scenario" --json 2>/dev/null |
        sed -n 's/.*"nodes": *\([0-9]*\).*/\1/p' | head -n 1)
    [ "${nodes:-0}" -le "$nodes_most" ] || continue
    "$dcsim" run "$scenario" >"$scratch/expected" 2>/dev/null
    expected=$?
    valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=all \
        --errors-for-leak-kinds=definite,indirect,possible \
        "$dcsim" run "$scenario" >"$scratch/seen" 2>"$scratch/report"
    seen=$?
    count=$((count + 1))
    if [ "$seen" -ne "$expected" ]; then
        echo "$scenario: exit $seen under valgrind, $expected without"
        cat "$scratch/report"
        rc=1
    elif ! cmp -s "$scratch/expected" "$scratch/seen"; then
        echo "$scenario: prints something else under valgrind"
        diff "$scratch/expected" "$scratch/seen" | head -n 20
        rc=1
    fi
done
echo "$count scenarios under valgrind"
[ "$rc" -eq 0 ] && [ "$count" -gt 0 ]
