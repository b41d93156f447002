#!/bin/sh
# A scenario holds, and with its planted fault it breaks as docs/lessons.md says.
#
#   tests/lessons/lesson.sh DCSIM DCSIM-LESSON NAME
#
# Run in the root of the source. What dcsim says of the fault has to stand in
# the row of docs/lessons.md that names the scenario and the patch.
set -u
dcsim=$1
planted=$2
name=$3
scenario=scenarios/lessons/$name.scn

folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT

"$dcsim" run -o "$folder" "$scenario" || exit 1

"$planted" run -o "$folder" "$scenario" >"$folder/said" 2>"$folder/errors"
code=$?
cat "$folder/said" "$folder/errors"
if [ "$code" -eq 0 ] || [ "$code" -eq 2 ]; then
    echo "$name: planted, and dcsim ends with $code" >&2
    exit 1
fi

# The line below the verdict, without places in files and figures; or why dcsim itself gave up.
headline=$(sed -n '/^broke /{n;s/^[^ ]*: error: //;s/; expected .*//;s/ ([^()]*) at [^ ]*$//;p;q;}' "$folder/said")
[ -n "$headline" ] || headline=$(sed -n 's/^dcsim: //p;q' "$folder/errors")
row=$(grep -F "scenarios/lessons/$name.scn)" docs/lessons.md | grep -F "tests/lessons/$name.patch)")
case $row in
*"\`$headline\`"*) [ -n "$headline" ] ;;
*)
    echo "$name: not in its row of docs/lessons.md: $headline" >&2
    exit 1
    ;;
esac
