#!/bin/sh
# Same scenario, same seed: same run, whoever built it and wherever it runs.
#
#   tools/ci/determinism.sh [SCENARIO.scn...]
#
# Every scenario but those in scenarios/scale, or those named, is run by six
# builds, each in another place: other optimisation, compiler, sanitizers,
# contracts; and another locale, time zone, environment, allocator pattern,
# address layout, folder and stack. Seeds are 1 to 20, or 1 and 2 for more than 20
# nodes. Compared are the exit status, the whole of stdout as people see it, and
# of --json all but the wall time and the name of the build: trace_hash and
# unseed are in it.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
root=$PWD

seeds_small=20
seeds_large=2
nodes_small=20

# Where a run is. Each place execs the program from the folder it is in.
place()
{
    where=$1
    shift
    case $where in
    plain)
        exec env -i PATH="$PATH" LC_ALL=C "$@"
        ;;
    turkish)
        exec env LOCPATH="$scratch/locale" LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 LANGUAGE=tr \
            TZ=Asia/Kathmandu MALLOC_PERTURB_=85 "$@"
        ;;
    crowded)
        # A long environment moves the stack; these thresholds move the heap.
        exec env CROWD="$(printf '%04096d' 0)" LC_ALL=C.UTF-8 HOME=/nonexistent COLUMNS=7 \
            TERM=dumb MALLOC_PERTURB_=170 MALLOC_MMAP_THRESHOLD_=4096 MALLOC_TOP_PAD_=1 "$@"
        ;;
    elsewhere)
        ulimit -s 65536 2>/dev/null
        exec env MALLOC_PERTURB_=255 MALLOC_ARENA_MAX=1 TZ=America/St_Johns "$@"
        ;;
    filled)
        # The sanitizer's own allocator has its own pattern.
        exec env ASAN_OPTIONS=max_malloc_fill_size=1073741824:malloc_fill_byte=165:detect_leaks=1 \
            UBSAN_OPTIONS=halt_on_error=1 LC_ALL=C.UTF-8 "$@"
        ;;
    fixed)
        exec setarch -R env MALLOC_PERTURB_=1 LC_ALL=POSIX "$@"
        ;;
    esac
    exit 2
}

# The builds and their places; the first is what the others are compared with.
variants='gcc-O3:plain gcc-O3:turkish gcc-O0:crowded clang-O2:elsewhere asan:filled no-contracts:fixed'

# run_one BUILD:PLACE OPTION...: one command, in $folder; what it printed, and how it ended.
run_one()
{
    where=${1#*:}
    variant=$1
    shift
    echo "== $*"
    (
        cd "$folder" || exit 99
        place "$where" ./dcsim run "$@" </dev/null 2>"$result.stderr"
    ) >"$result.out"
    rc=$?
    sed 's/"wall_ns": *[0-9]*/"wall_ns":0/; s/"build": *"[^"]*"/"build":""/' "$result.out"
    echo "-- exit $rc"
    case $rc in
    0 | 1 | 4) ;;
    *)
        echo "$variant: $*: exit $rc" >&2
        cat "$result.stderr" >&2
        ;;
    esac
}

# one BUILD:PLACE SCENARIO LAST_SEED: all seeds of a scenario, into a file. Two of them are each
# a process; all of them are one, which is what a campaign does, and far cheaper.
one()
{
    scenario=$2
    result=$scratch/$(echo "$1 $scenario" | tr ':/ ' '___')
    # Reports of failed runs go where no two of them meet. The program, and the
    # scenario, have the same name in all of these folders: both are printed.
    folder=$result.d
    mkdir -p "$folder"
    ln -sfn "$root/scenarios" "$folder/scenarios"
    ln -sfn "$root/build-ci-${1%%:*}/dcsim" "$folder/dcsim"
    {
        for seed in 1 2; do
            run_one "$1" "$scenario" --seed $seed --json
            run_one "$1" "$scenario" --seed $seed --color=never
        done
        run_one "$1" "$scenario" --seeds "1..$3" --json
        run_one "$1" "$scenario" --seeds "1..$3" --color=never --artifacts 0
    } >"$result"
    rm -rf "$folder" "$result.out" "$result.stderr"
}

# differ SCENARIO: compares all variants of one with the first; says what differs.
differ()
{
    first=${variants%% *}
    expected=$scratch/$(echo "$first $1" | tr ':/ ' '___')
    different=1
    for variant in $variants; do
        seen=$scratch/$(echo "$variant $1" | tr ':/ ' '___')
        if ! cmp -s "$expected" "$seen"; then
            echo "$1: $first and $variant differ:"
            diff "$expected" "$seen" | head -n 20
            different=0
        fi
    done
    return $different
}

if [ "${1-}" = --one ]; then
    scratch=$2
    one "$3" "$4" "$5"
    exit 0
fi

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

for build in gcc-O3 gcc-O0 clang-O2 asan no-contracts; do
    tools/ci/build.sh "$build" >"$scratch/build.log" 2>&1 || { cat "$scratch/build.log" >&2; exit 1; }
done
mkdir "$scratch/locale"
localedef -i tr_TR -f UTF-8 "$scratch/locale/tr_TR.UTF-8" >/dev/null 2>&1 ||
    { echo "no Turkish locale; tools/setup.sh --ci installs it" >&2; exit 1; }

[ $# -gt 0 ] || set -- $(find scenarios -name '*.scn' ! -path 'scenarios/scale/*' | sort)
[ $# -gt 0 ] || { echo "no scenarios" >&2; exit 1; }

mkdir "$scratch/probe"
ln -s "$root/scenarios" "$scratch/probe/scenarios"

# Work for as many processes as there are cores, the long runs first.
for scenario in "$@"; do
    nodes=$(cd "$scratch/probe" &&
        "$root/build-ci-gcc-O3/dcsim" run "$scenario" --seed 1 --json 2>/dev/null |
        sed -n 's/.*"nodes": *\([0-9][0-9]*\).*/\1/p' | head -n 1)
    [ -n "$nodes" ] || { echo "$scenario: does not say how many nodes it has" >&2; exit 1; }
    last=$seeds_large
    [ "$nodes" -gt "$nodes_small" ] || last=$seeds_small
    for variant in $variants; do
        echo "$nodes $variant $scenario $last"
    done
done | sort -k1,1nr >"$scratch/work"
[ -s "$scratch/work" ] || exit 1
cut -d ' ' -f 2- "$scratch/work" |
    xargs -n 3 -P "$(getconf _NPROCESSORS_ONLN)" "$0" --one "$scratch" 2>"$scratch/errors"

failed=0
for scenario in "$@"; do
    if differ "$scenario"; then
        failed=$((failed + 1))
    fi
done
if [ -s "$scratch/errors" ]; then
    sort "$scratch/errors" | head -n 40
    failed=$((failed + 1))
fi

# Does the alarm ring? One digit of one hash of the last variant is changed.
tampered=$scratch/$(echo "${variants##* } $1" | tr ':/ ' '___')
sed -i 's/\("trace_hash": *"\)\(.\)/\1x/' "$tampered"
if ! differ "$1" >"$scratch/alarm"; then
    echo "a tampered trace_hash went unseen"
    failed=$((failed + 1))
fi

commands=$(cat "$scratch"/*.scn | grep -c '^== ')
hashes=$(cat "$scratch"/*.scn | grep -c '"trace_hash"')
held=$(cat "$scratch"/*.scn | grep -c '^-- exit 0')
echo "$hashes trace hashes of $# scenarios by 5 builds in 6 places compared, with what" \
    "$commands commands printed, of which $((commands - held)) did not hold; $failed differ"
[ "$failed" -eq 0 ] && [ "$hashes" -gt 0 ]
