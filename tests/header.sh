#!/bin/sh
# Does a header compile alone, and twice in a row?
#
#   tests/header.sh ROOT HEADER CC [ARGUMENT...]
set -u
root=$1
header=$2
shift 2
printf '#include "%s"\n#include "%s"\ntypedef int not_empty;\n' "$header" "$header" |
    "$@" -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$root" -fsyntax-only -x c -
