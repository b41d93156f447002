#!/bin/sh
# Do core and sim compile without any floating point register?
#
#   tests/layering/registers.sh ROOT [ARGUMENT...]
#
# Arguments go to the compiler. It has to be gcc: there a float is an error then,
# whereas clang calls helper functions. Without gcc, or on a processor for
# which it has no such switch, the test is skipped (77).
set -u
cd "$1" || exit 2
shift

# Tells whether the switch works at all.
probe='double twice(double x); double twice(double x) { return x + x; }'
gcc -mgeneral-regs-only -x c -c -o /dev/null - </dev/null 2>/dev/null || exit 77
if echo "$probe" | gcc -mgeneral-regs-only -x c -c -o /dev/null - 2>/dev/null; then
    echo "gcc -mgeneral-regs-only lets floats pass" >&2
    exit 77
fi

rc=0
for source in $(find core sim -name '*.c' | sort); do
    gcc -mgeneral-regs-only -std=c11 -D_POSIX_C_SOURCE=200809L -I. "$@" -c -o /dev/null "$source" || rc=1
done
exit $rc
