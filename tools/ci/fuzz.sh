#!/bin/sh
# Feeds random bytes to what reads bytes from outside, for a while each.
#
#   tools/ci/fuzz.sh [SECONDS]
#
# What makes one fail is left in dcsim-out/fuzz/; add it to the corpus in
# tests/ together with the fix. New inputs that reach new code are not kept.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1

# fuzz SCRATCH SECONDS FUZZER: what it read, or its last words.
fuzz()
{
    scratch=$1
    seconds=$2
    fuzzer=$3
    name=${fuzzer##*/}
    # libFuzzer writes into the first folder.
    new=$scratch/$name/new
    old=$scratch/$name/old
    dict=
    mkdir -p "$new" "$old"
    case $name in
    fuzz_scenario)
        cp $(find scenarios tests/broken -name '*.scn') "$old"
        dict=-dict=tools/fuzz/scenario.dict
        ;;
    fuzz_trace)
        cp tests/traces/*.jsonl "$old"
        ;;
    fuzz_wal)
        cp tests/logs/*.bin "$old"
        ;;
    fuzz_message)
        cp tests/frames/*.bin "$old"
        # The frames of the other implementation, from the hex they are kept as.
        python3 - "$old" <<'P'
import json, pathlib, sys
def frames(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key.endswith("_hex") and isinstance(value, str):
                yield bytes.fromhex(value)
            yield from frames(value)
    elif isinstance(node, list):
        for value in node:
            yield from frames(value)
for path in sorted(pathlib.Path("tests/vectors").glob("*.json")):
    for i, frame in enumerate(frames(json.loads(path.read_text()))):
        (pathlib.Path(sys.argv[1]) / f"{path.stem}-{i}").write_bytes(frame)
P
        ;;
    esac
    if "$fuzzer" -seed=1 -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 \
        -artifact_prefix="dcsim-out/fuzz/$name-" -print_final_stats=1 $dict \
        "$new" "$old" 2>"$scratch/$name/log"; then
        sed -n 's/^stat::number_of_executed_units: */ inputs: /p' "$scratch/$name/log" |
            sed "s/^/$name:/"
    else
        tail -n 60 "$scratch/$name/log"
        return 1
    fi
}

UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export UBSAN_OPTIONS
if [ "${1-}" = --fuzz ]; then
    shift
    fuzz "$@"
    exit
fi

seconds=${1:-60}
tools/ci/build.sh fuzz >/dev/null || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
mkdir -p dcsim-out/fuzz

for fuzzer in build-ci-fuzz/tools/fuzz_*; do
    [ ! -f "$fuzzer" ] || [ ! -x "$fuzzer" ] || echo "$fuzzer"
done >"$scratch/fuzzers"
xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 1 tools/ci/fuzz.sh --fuzz "$scratch" "$seconds" <"$scratch/fuzzers"
rc=$?
rmdir dcsim-out/fuzz dcsim-out 2>/dev/null
count=$(wc -l <"$scratch/fuzzers")
echo "$count fuzzers for $seconds s each"
[ "$rc" -eq 0 ] && [ "$count" -gt 0 ]
