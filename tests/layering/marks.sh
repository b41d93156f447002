#!/bin/sh
# Is every mark that is listed placed somewhere? (One that is placed and not
# listed does not compile.) And do the lists stand in order?
#
#   tests/layering/marks.sh ROOT
set -u
LC_ALL=C
export LC_ALL
cd "$1" || exit 2
rc=0

# names HEADER: those in its list.
names()
{
    sed -n 's/^ *X(\([A-Z0-9_]*\), ".*/\1/p' "$1"
}

# check HEADER MACRO FOLDER
check()
{
    [ -n "$(names "$1")" ] || { echo "$1: no list of marks" >&2; exit 2; }
    for name in $(names "$1"); do
        if ! grep -rqE --include='*.c' "(^|[^A-Z_])$2\($name\);" "$3"; then
            echo "$1: $name is listed and placed nowhere in $3"
            rc=1
        fi
    done
    twice=$(names "$1" | sort | uniq -d)
    [ -z "$twice" ] || { echo "$1: twice: $twice"; rc=1; }
}

check core/mark.h MARK core
check sim/marks.h SIM_MARK sim
exit $rc
