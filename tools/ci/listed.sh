#!/bin/sh
# Is every source, header, test, planted fault and scenario on disk on a list of meson's?
#
#   tools/ci/listed.sh [ROOT]
#
# Configure runs this, and fails with it: a file that nobody builds or runs is
# a mistake. The other way round (listed, but not on disk) meson finds itself.
set -u
LC_ALL=C
export LC_ALL

root=${1:-.}
cd "$root" || exit 2
missing=0

# check LIST FOLDER FILE...: each FILE must stand in LIST, relative to FOLDER.
check()
{
    list=$1
    folder=$2
    shift 2
    for file in "$@"; do
        name=${file#"$folder"/}
        if ! grep -qF "'$name'" "$list" 2>/dev/null; then
            echo "$file: not listed in $list" >&2
            missing=$((missing + 1))
        fi
    done
}

# Names of ours hold no blanks, so that splitting at them is safe.
# shellcheck disable=SC2046
{
    check core/meson.build core $(find core -name '*.[ch]' | sort)
    check sim/meson.build sim $(find sim -name '*.[ch]' | sort)
    check tests/meson.build tests $(find tests -maxdepth 1 -name '*.c' | sort)
    check tests/lessons/meson.build tests/lessons $(find tests -name '*.patch' | sort)
    check tools/meson.build tools $(find tools -name '*.c' | sort)
    check scenarios/meson.build scenarios $(find scenarios -name '*.scn' | sort)
}

[ "$missing" -eq 0 ]
