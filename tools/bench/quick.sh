#!/bin/sh
# The table works: its quick form ends well and has each row.
#
#   tools/bench/quick.sh TABLE BUILD     from the root of the sources
set -u

table=$1
build=$2
out=$("$table" "$build" --quick) || exit 1
echo "$out"

missing=0
while read -r row; do
    # A row is its name and a figure that is not zero.
    if ! echo "$out" | grep -E "^ *$row +[0-9.]*[1-9]" >/dev/null; then
        echo "no row, or no figure: $row" >&2
        missing=$((missing + 1))
    fi
done <<'ROWS'
10
100
queue, draws, network
with the records of a run
all within 1..10 ms
one in ten is a tick
encode, ns
decode, ns
merge, nothing new, ns
merge, half of it new, ns
digest, ns
in memory, bytes
in a push, bytes
on the wire, bytes
start-up, an empty scenario
partition.scn, one core
100 quiet nodes for an hour
ROWS

# The difference of two times: of runs so short it may come to anything.
if ! echo "$out" | grep -E "^ *CPU of a message, ns +-?[0-9]" >/dev/null; then
    echo "no row, or no figure: CPU of a message, ns" >&2
    missing=$((missing + 1))
fi

if "$table" "$build" no-such-section 2>/dev/null; then
    echo "a section that there is not went unseen" >&2
    missing=$((missing + 1))
fi
if "$table" "$build/no-such-folder" --quick 2>/dev/null >&2; then
    echo "programs that do not run went unseen" >&2
    missing=$((missing + 1))
fi
[ "$missing" -eq 0 ]
