#!/bin/sh
# Does docs/lessons.md tell of each scenario and planted fault, and of no others?
#
#   tests/lessons/told.sh ROOT
set -u
cd "$1" || exit 2
told=$(grep -o '(../[a-z]*/lessons/[^)]*)' docs/lessons.md | sed 's,(../,,; s,),,' | sort)
there=$(find scenarios/lessons tests/lessons -name '*.scn' -o -name '*.patch' | sort)
if [ "$told" != "$there" ]; then
    printf 'docs/lessons.md tells of:\n%s\nthere are:\n%s\n' "$told" "$there" >&2
    exit 1
fi
