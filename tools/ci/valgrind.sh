#!/bin/sh
# Runs some scenarios under valgrind: bytes that nobody wrote and that a run
# depends on, which the sanitizers do not see, and leaks. Stdout has to be the
# same as without valgrind.
#
#   tools/ci/valgrind.sh [SCENARIO.scn...]
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1

# valgrind is some 40 times slower: nothing larger than this.
nodes_most=300

# judge DCSIM SCRATCH SCENARIO: prints what is wrong; leaves SCRATCH/SCENARIO.judged.
judge()
{
    dcsim=$1
    scratch=$2
    scenario=$3
    nodes=$("$dcsim" run "$scenario" --json 2>/dev/null |
        sed -n 's/.*"nodes": *\([0-9]*\).*/\1/p' | head -n 1)
    [ "${nodes:-0}" -le "$nodes_most" ] || return 0
    mkdir -p "$scratch/$scenario"
    cd "$scratch/$scenario" || return 1
    ln -s "$root/scenarios" scenarios
    "$dcsim" run "$scenario" >expected 2>/dev/null
    expected=$?
    valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=all \
        --errors-for-leak-kinds=definite,indirect,possible \
        "$dcsim" run "$scenario" >seen 2>report
    seen=$?
    touch "$scratch/$scenario.judged"
    if [ "$seen" -ne "$expected" ]; then
        echo "$scenario: exit $seen under valgrind, $expected without"
        cat report
        return 1
    elif ! cmp -s expected seen; then
        echo "$scenario: prints something else under valgrind"
        diff expected seen | head -n 20
        return 1
    fi
}

root=$PWD
if [ "${1-}" = --judge ]; then
    shift
    judge "$@"
    exit
fi

# Around the program itself: through a test harness that forks, valgrind's exit
# status is lost. The plain build: gcc's, whose debug information valgrind can read, and
# none of those in which no byte is unwritten.
tools/setup.sh >/dev/null || exit 1

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

[ $# -gt 0 ] || set -- $(find scenarios -name '*.scn' ! -path 'scenarios/scale/*' | sort)
printf '%s\n' "$@" |
    xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 1 tools/ci/valgrind.sh --judge "$root/build/dcsim" "$scratch"
rc=$?
count=$(find "$scratch" -name '*.judged' | wc -l)
echo "$count scenarios under valgrind"
[ "$rc" -eq 0 ] && [ "$count" -gt 0 ]
