#!/bin/sh
# What dcsim costs, as a table; docs/performance.md says how to read it.
#
#   tools/bench/run.sh                  all of it: minutes
#   tools/bench/run.sh --quick          does it work: seconds, and no figures to quote
#   tools/bench/run.sh [--quick] w1 runs    only these sections
#
# Builds in build-o3/ (release, optimised across files).
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1

if [ ! -f build-o3/build.ninja ]; then
    meson setup build-o3 -Dbuildtype=release -Db_lto=true >/dev/null || exit 1
fi
ninja -C build-o3 dcsim tools/bench_table tools/bench_bare tools/bench_w2 tools/bench_queue \
    tools/bench_codec >/dev/null || exit 1
exec build-o3/tools/bench_table build-o3 "$@"
