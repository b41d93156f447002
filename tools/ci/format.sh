#!/bin/sh
# Is every C file laid out as .clang-format says?
#
#   tools/ci/format.sh          tells
#   tools/ci/format.sh --fix    does it
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1

# Each release of clang-format lays some lines out in another way.
major=14
version=$(clang-format --version | sed -n 's/.*version \([0-9]*\).*/\1/p')
if [ "$version" != "$major" ]; then
    echo "not judged: this is clang-format $version, the layout is that of $major"
    exit 0
fi

mode='--dry-run -Werror'
[ "${1-}" != --fix ] || mode=-i

files=$(find core sim live tests tools -name '*.[ch]' 2>/dev/null | sort)
# shellcheck disable=SC2086
clang-format $mode $files || exit 1
echo "$(echo "$files" | wc -l) files are laid out as .clang-format says"
