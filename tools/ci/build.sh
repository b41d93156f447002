#!/bin/sh
# Configures (once) and builds one of the stricter builds that CI wants, in
# build-ci-NAME/. Warnings are errors in all of them. gcc-O3, no-contracts and fuzz have
# no unit tests: they are for scenarios and seeds.
#
#   tools/ci/build.sh gcc-O0|gcc-O3|clang-O2|asan|no-contracts|fuzz
#
# Prints the name of the folder last. The first two start all variables of a function
# with different bytes, and clang-O2 takes the 128-bit integers of C23, so that a run
# cannot depend on either.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
[ $# -eq 1 ] || { echo "usage: tools/ci/build.sh NAME" >&2; exit 2; }

name=$1
set -- -Dwerror=true
case $name in
gcc-O0)
    CC=gcc
    set -- "$@" -Dtests=enabled -Ddebug=true -Doptimization=0 -Dc_args=-ftrivial-auto-var-init=pattern
    ;;
gcc-O3)
    CC=gcc
    set -- "$@" -Dtests=disabled -Ddebug=true -Doptimization=3 -Dc_args=-ftrivial-auto-var-init=zero
    ;;
clang-O2)
    CC=clang
    set -- "$@" -Dtests=enabled -Ddebug=true -Doptimization=2 -Dc_args=-DDC_WIDE_BITINT
    ;;
asan)
    CC=gcc
    set -- "$@" -Dtests=enabled -Ddebug=true -Doptimization=1 -Db_sanitize=address,undefined \
        '-Dc_args=-fno-sanitize-recover=all -fno-omit-frame-pointer'
    ;;
no-contracts)
    CC=gcc
    set -- "$@" -Dtests=disabled -Ddebug=true -Doptimization=2 -Dcontracts=disabled
    ;;
fuzz)
    CC=clang
    set -- "$@" -Dtests=disabled -Dfuzzers=enabled -Ddebug=true -Doptimization=1 \
        -Db_sanitize=address,undefined -Db_lundef=false \
        '-Dc_args=-fno-sanitize-recover=all -fno-omit-frame-pointer'
    ;;
*)
    echo "tools/ci/build.sh: no build named $name" >&2
    exit 2
    ;;
esac
export CC

folder=build-ci-$name
if [ ! -f "$folder/build.ninja" ]; then
    meson setup "$folder" "$@" || exit 1
fi
ninja -C "$folder" || exit 1
echo "$folder"
