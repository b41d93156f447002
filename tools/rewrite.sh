#!/bin/sh
# Writes golden files anew, of all families or of some, and shows what has changed.
#
#   tools/rewrite.sh BUILD [FAMILY...]
#
# A family is a test with golden files: "failures" of tests/test_failures.c. Three more are
# "mutants" (tools/mutants/sample.txt), "scenarios" (what their "show" comes to) and "pages"
# (what commands in README.md and docs/ print). Read each difference before it is committed:
# what is in a golden file is what people rely on.
set -u
LC_ALL=C
export LC_ALL
[ $# -ge 1 ] && [ -d "$1" ] || { sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }
build=$(cd "$1" && pwd) || exit 2
shift
cd "$(dirname "$0")/.." || exit 2

# Those that ask expect_golden() of tests/lib_golden.h.
tests=$(grep -l '#include "tests/lib_golden.h"' tests/test_*.c | xargs grep -l ' expect_golden(' |
    sed 's|tests/test_||; s|\.c$||')
all="$tests mutants scenarios pages"
[ $# -gt 0 ] || set -- $all
for family in "$@"; do
    echo " $(echo $all) " | grep -q " $family " && continue
    echo "there is no family '$family' of golden files; there are: $(echo $all)" >&2
    exit 2
done

rc=0
for family in "$@"; do
    case $family in
    scenarios)
        shows=$(grep -lE '^\|' scenarios/*.scn scenarios/*/*.scn tests/examples/*.scn)
        # shellcheck disable=SC2086
        "$build/dcsim" run -q --rewrite $shows || rc=1
        ;;
    mutants) DCSIM_REWRITE=1 meson test -q -C "$build" 'mutants of a sample' || rc=1 ;;
    pages) DCSIM_REWRITE=1 meson test -q -C "$build" 'the pages are true' || rc=1 ;;
    *) DCSIM_REWRITE=1 meson test -q -C "$build" "test_$family" || rc=1 ;;
    esac
done
git status --short -- tests tools/mutants scenarios README.md docs
git --no-pager diff --stat -- tests tools/mutants scenarios README.md docs
[ "$rc" -eq 0 ] || echo "some tests fail all the same: see above" >&2
exit "$rc"
