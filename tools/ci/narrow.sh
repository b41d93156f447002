#!/bin/sh
# No warning where pointers and sizes have 32 bits. Nothing is built or run there: most
# such targets have no 128-bit division.
#
#   tools/ci/narrow.sh
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1

if ! echo '#include <stdio.h>' | clang -m32 -fsyntax-only -x c - 2>/dev/null; then
    echo "not judged: clang finds no C library for 32 bits"
    exit 0
fi
tools/setup.sh >/dev/null || exit 1 # sim/version.h

# The C library for 32 bits takes the kernel's headers from where those of 64 bits are.
kernel=/usr/include/$(cc -print-multiarch 2>/dev/null)

count=$(printf '%s\n' core/*.c sim/*.c sim/*/*.c | wc -l)
printf '%s\n' core/*.c sim/*.c sim/*/*.c |
    xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 1 \
        clang -m32 -fsyntax-only -std=c11 -D_POSIX_C_SOURCE=200809L -I. -Ibuild -Ibuild/sim \
        -idirafter "$kernel" \
        -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wundef -Werror
rc=$?
echo "$count files for 32 bits: $([ "$rc" -eq 0 ] && echo no warning || echo warnings)"
[ "$rc" -eq 0 ]
