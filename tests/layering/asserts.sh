#!/bin/sh
# No test asks with gt(): in Criterion 2.4 it lets equal values pass.
#
#   tests/layering/asserts.sh ROOT
#
# ge(..., 1) says the same, and can fail.
set -u
LC_ALL=C
export LC_ALL
cd "$1" || exit 2

sources=$(find tests -name '*.[ch]' | sort)
[ -n "$sources" ] || { echo "no tests under $1" >&2; exit 2; }

# shellcheck disable=SC2086
grep -n -E '(^|[^A-Za-z0-9_])gt\(' /dev/null $sources | sed 's/$/  <- gt() lets equal values pass: use ge()/'
# shellcheck disable=SC2086
! grep -q -E '(^|[^A-Za-z0-9_])gt\(' $sources
