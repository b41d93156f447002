#!/bin/sh
# Runs a program of a sanitizer build and fails if any process of it reported
# anything, leaks included: a test harness that forks may lose the exit status.
#
#   tests/leaks.sh PROGRAM [ARGUMENT...]
set -u
reports=$(mktemp -d) || exit 2
trap 'rm -rf "$reports"' EXIT

ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=1:log_path=$reports/asan"
LSAN_OPTIONS="${LSAN_OPTIONS:+$LSAN_OPTIONS:}print_suppressions=0"
UBSAN_OPTIONS="${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}print_stacktrace=1:halt_on_error=1"
export ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS

"$@"
rc=$?
for report in "$reports"/*; do
    [ -s "$report" ] || continue
    cat "$report" >&2
    [ "$rc" -ne 0 ] || rc=1
done
exit "$rc"
