#!/bin/sh
# Nothing depends on the order in which qsort() leaves elements that compare equal.
#
#   tools/ci/turned.sh [--quick BUILD]
#
# All scenarios but those in scenarios/scale, and 2000 seeds of the swarm, are run as
# they are and with a qsort() that turns equal elements round (turned.c). All that they
# print as JSON must be the same, but wall time; so must be the reports and the artifacts
# of runs that break (tests/failures), which sort what JSON has not. And no comparator of
# ours may say 0 of two elements that differ. So must it be with the tests of sim. --quick,
# which is a test itself, takes 100 seeds and no tests, in the folder BUILD.
#
# Then the same is done to a dcsim whose holds sort by the number of a message alone,
# which copies share, and to one whose reports leave the order of equal losses open
# (tools/meson.build): both alarms have to ring for each.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

doubled=scenarios/regress/doubled-hold.scn
quick=
seeds=2000
build=build
if [ "${1-}" = --quick ]; then
    quick=yes
    seeds=100
    build=$2
else
    tools/setup.sh --tests >/dev/null || exit 1
    ninja -C "$build" dcsim tools/libturned.so tools/dcsim-unordered tools/dcsim-untold >/dev/null || exit 1
fi
turned=$(cd "$build" && pwd)/tools/libturned.so
unordered=$build/tools/dcsim-unordered
untold=$build/tools/dcsim-untold

# Three faults take as many messages each, so the report has a tie.
cat >"$scratch/tie.scn" <<'END'
scn 1
nodes 4
at 500ms  drop next 2 n1 -> n2
at 500ms  drop next 2 n1 -> n3
at 500ms  drop next 2 n1 -> n4
at 1s     inc n1
expect value == 7
stop 3s
END

# A sanitizer wants to be the first library; being the second does it no harm.
ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0
export ASAN_OPTIONS

with_turned()
{
    TURNED_REPORT=$scratch/report LD_PRELOAD=$turned "$@"
}

# Each of these prints an object a run: DCSIM [with_turned].
scenario_runs()
{
    dcsim=$1
    shift
    find scenarios -name '*.scn' ! -path 'scenarios/scale/*' | sort | while read -r scenario; do
        "$@" "$dcsim" -q --json -o "$out" "$scenario" </dev/null
    done
}

doubled_runs()
{
    dcsim=$1
    shift
    "$@" "$dcsim" -q --json -o "$out" --seeds 1..20 "$doubled" </dev/null
}

swarm_runs()
{
    dcsim=$1
    shift
    "$@" "$dcsim" fuzz -q --swarm --seeds "1..$seeds" -j 2 -o "$out" --jsonl - </dev/null
}

# What a run that breaks prints, and leaves, as a line for each line of it.
report_runs()
{
    dcsim=$1
    shift
    rm -rf "$out"
    for scenario in "$scratch/tie.scn" tests/failures/*.scn; do
        "$@" "$dcsim" -o "$out" "$scenario" </dev/null
    done
    find "$out" -type f | sort | while read -r file; do
        sed "s,^,${file#"$out/"}: ," "$file"
    done
}

# side NAME COMMAND: what it prints goes into scratch/NAME, with the artifacts beside it.
side()
{
    name=$1
    shift
    out=$scratch/$name.out
    "$@" 2>"$scratch/$name.err" |
        sed -e 's/"wall_ns": *[0-9]*/"wall_ns":0/' -e "s,$out/,out/," >"$scratch/$name"
}

# compare WHAT DCSIM: are all runs of WHAT_runs the same? Leaves in $differ how many are not.
compare()
{
    side plain "$1_runs" "$2" &
    side turned "$1_runs" "$2" with_turned
    wait
    diff "$scratch/plain" "$scratch/turned" >"$scratch/diff"
    runs=$(wc -l <"$scratch/plain")
    unit=runs
    [ "$1" != report ] || unit=lines
    differ=$(grep -c '^<' "$scratch/diff")
    echo "${2##*/}, $1: $((runs - differ)) of $runs $unit are equal when equal elements are turned round"
    [ "$runs" -gt 0 ] || cat "$scratch/plain.err" "$scratch/turned.err"
    [ ! -s "$scratch/diff" ] && [ "$runs" -gt 0 ]
}

failed=0
for what in scenario doubled swarm report; do
    compare $what "$build/dcsim" || { head -n 20 "$scratch/diff"; failed=1; }
done
if [ -z "$quick" ]; then
    with_turned meson test -C "$build" --no-rebuild --num-processes 4 --quiet --logbase turned --suite sim \
        --suite scenario || failed=1
fi
if [ -s "$scratch/report" ]; then
    echo "comparators that say 0 of elements that differ (program and place, for addr2line -fse):"
    sort "$scratch/report" | uniq -c
    failed=1
fi

# alarms WHAT DCSIM: both have to ring.
alarms()
{
    rm -f "$scratch/report"
    compare "$1" "$2"
    grep -q "^${2##*/} " "$scratch/report" ||
        { echo "${2##*/}: an open order was not reported"; failed=1; }
    [ "$differ" -gt 0 ] || { echo "${2##*/}: an open order changed nothing"; failed=1; }
}

alarms doubled "$unordered"
alarms report "$untold"
exit $failed
