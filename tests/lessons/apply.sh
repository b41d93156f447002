#!/bin/sh
# Copies of files of core with a fault planted.
#
#   tests/lessons/apply.sh ROOT FILE.patch FOLDER NAME FILE.c...
#
# Writes FOLDER/NAME_FILE.c for each.
set -eu
root=$1
patch=$2
outdir=$3
name=$4
shift 4

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/core"
for file in "$@"; do
    cp "$root/core/$file" "$work/core/$file"
done
# No fuzz: a patch that has to guess plants something else one day.
patch --quiet --fuzz=0 --strip=1 --directory="$work" <"$patch" || {
    echo "$patch does not apply any more: make it anew against core/" >&2
    exit 1
}
for file in "$@"; do
    if cmp -s "$root/core/$file" "$work/core/$file"; then
        echo "$patch changes nothing in core/$file" >&2
        exit 1
    fi
    cp "$work/core/$file" "$outdir/${name}_$file"
done
