#!/bin/sh
# Is every C file laid out as .clang-format says?
#
#   tools/ci/format.sh          tells
#   tools/ci/format.sh --fix    does it
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1

mode='--dry-run -Werror'
[ "${1-}" != --fix ] || mode=-i

files=$(find core sim live tests tools -name '*.[ch]' 2>/dev/null | sort)
# shellcheck disable=SC2086
clang-format $mode $files || exit 1
echo "$(echo "$files" | wc -l) files are laid out as .clang-format says"
