#!/bin/sh
# What the swarm finds in a core with a planted fault is shrunk to a story that
# anybody can read, that fails with it whatever the seed, and that holds without.
#
#   tests/lessons/shrink.sh DCSIM DCSIM-LESSON SEED MOST
#
# SEED is one of the swarm that breaks it, MOST how many statements may be left.
set -u
dcsim=$1
planted=$2
seed=$3
most=$4

folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT

"$planted" fuzz --swarm --print --seed "$seed" >"$folder/swarm.scn" || exit 1
"$planted" shrink "$folder/swarm.scn" --seed "$seed" -q -o "$folder" >"$folder/story.scn" || {
    echo "seed $seed of the swarm is not shrunk: does it still break?" >&2
    exit 1
}
cat "$folder/story.scn"
grep -q 'it fails with 200 of 200 seeds\.$' "$folder/story.scn" || exit 1
statements=$(grep -c -v -e '^#' -e '^scn 1$' "$folder/story.scn")
[ "$statements" -le "$most" ] || {
    echo "$statements statements, more than $most" >&2
    exit 1
}
"$dcsim" fmt --check "$folder/story.scn" || exit 1
"$dcsim" run -o "$folder" --seeds 1..30 "$folder/story.scn" || {
    echo "the story does not hold without the fault" >&2
    exit 1
}
for other in 7001 7002 7003 7004 7005; do
    "$planted" run -q -o "$folder" --seed "$other" "$folder/story.scn" >"$folder/said" 2>&1
    code=$?
    [ "$code" -eq 1 ] || [ "$code" -eq 3 ] || {
        echo "seed $other: the story ends with $code with the fault" >&2
        exit 1
    }
done
