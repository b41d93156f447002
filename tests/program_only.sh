#!/bin/sh
# A build without tests makes the program and what is installed with it, and no more: whoever
# installs it has neither Criterion nor patch, and waits for no benchmark.
#
#   tests/program_only.sh SOURCE
set -u
unset CDPATH
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

meson setup "$scratch/build" "$1" -Dtests=disabled >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
# All steps of a build, none of which is done.
ninja -C "$scratch/build" -n -v >"$scratch/steps" || exit 1
grep -q ' dcsim$\| -o dcsim ' "$scratch/steps" || { echo "dcsim is not built"; exit 1; }
if grep -E ' -o (tests|tools)/|tests/lessons/apply' "$scratch/steps"; then
    echo "these steps are of no program that is installed"
    exit 1
fi
