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
seconds=${1:-60}

tools/ci/build.sh fuzz >/dev/null || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
mkdir -p dcsim-out/fuzz

UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export UBSAN_OPTIONS
rc=0
count=0
for fuzzer in build-ci-fuzz/tools/fuzz/fuzz_*; do
    [ -f "$fuzzer" ] && [ -x "$fuzzer" ] || continue
    name=${fuzzer##*/}
    # The corpus by the name of the fuzzer; libFuzzer writes into the first folder.
    case $name in
    fuzz_scenario) corpus='scenarios tests/broken' ;;
    fuzz_message) corpus='vectors tests/corpus/message' ;;
    *) corpus=tests/corpus/${name#fuzz_} ;;
    esac
    mkdir -p "$scratch/$name/new" "$scratch/$name/old"
    # shellcheck disable=SC2086
    find $corpus -type f -size -64k -exec cp {} "$scratch/$name/old" \; 2>/dev/null
    if "$fuzzer" -seed=1 -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 \
        -artifact_prefix="dcsim-out/fuzz/$name-" -print_final_stats=1 \
        "$scratch/$name/new" "$scratch/$name/old" 2>"$scratch/$name/log"; then
        sed -n 's/^stat::number_of_executed_units: */ inputs: /p' "$scratch/$name/log" |
            sed "s/^/$name:/"
    else
        tail -n 60 "$scratch/$name/log"
        rc=1
    fi
    count=$((count + 1))
done
rmdir dcsim-out/fuzz dcsim-out 2>/dev/null
echo "$count fuzzers for $seconds s each"
[ "$rc" -eq 0 ] && [ "$count" -gt 0 ]
