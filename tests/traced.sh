#!/bin/sh
# A scenario with a trace, or with a sampled codec, is the same run as without,
# and the trace replays.
#
#   tests/traced.sh DCSIM FILE.scn
set -u
dcsim=$1
scenario=$2

folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT

"$dcsim" run "$scenario" >"$folder/plain" || exit 1
"$dcsim" run "$scenario" --trace "$folder/trace.jsonl" >"$folder/traced" || exit 1
cmp "$folder/plain" "$folder/traced" || exit 1
"$dcsim" run "$scenario" --codec sampled >"$folder/sampled" || exit 1
cmp "$folder/plain" "$folder/sampled" || exit 1
"$dcsim" replay "$folder/trace.jsonl" || exit 1
"$dcsim" run -q "$scenario" --trace "$folder/last.jsonl" --trace-last 100 || exit 1
"$dcsim" replay -q "$folder/last.jsonl"
