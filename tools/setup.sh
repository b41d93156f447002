#!/bin/sh
# Everything from a bare system to build/dcsim.
#
#   tools/setup.sh            installs what the program needs, configures build/, builds it
#   tools/setup.sh --tests    also what the tests need, and builds these: meson test -C build
#   tools/setup.sh --ci       also installs what only .ci/run needs
#   tools/setup.sh --fast     the program, optimised across files: for campaigns
#
# build/ stays as it was configured: after --tests it has tests, after --fast none, since
# such a program lets nobody plant faults between its files; each of the two turns it round.
# Installs on Debian and Ubuntu, as root or through sudo; elsewhere, or without
# the rights, it says which packages are missing and exits with 1. Run again it
# finds nothing to do.
set -u
unset CDPATH
cd "$(dirname "$0")/.." || exit 1

tests=false
ci=false
fast=false
case ${1-} in
'') ;;
--tests) tests=true ;;
--ci) tests=true ci=true ;;
--fast) fast=true ;;
*)
    echo "usage: tools/setup.sh [--tests | --ci | --fast]" >&2
    exit 2
    ;;
esac

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

say()
{
    echo "setup: $*"
}

have()
{
    command -v "$1" >/dev/null 2>&1
}

# Is one of these Debian packages there? Only asked where there is no way to try.
installed()
{
    for package in "$@"; do
        case $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) in
        *' installed') return 0 ;;
        esac
    done
    return 1
}

# have_library PACKAGES MODULE...: one of the modules is there for pkg-config, or
# as long as that is missing itself, one of the packages.
have_library()
{
    packages=$1
    shift
    if ! have pkg-config; then
        # shellcheck disable=SC2086
        installed $packages
        return
    fi
    for module in "$@"; do
        pkg-config --exists "$module" && return 0
    done
    return 1
}

# Compilers can be there without what they need to make a program.
can_compile()
{
    compiler=$1
    shift
    have "$compiler" && echo '#include <stdio.h>
int main(void) { return puts("") < 0; }' |
        "$compiler" "$@" -x c - -o "$scratch/program" >/dev/null 2>&1
}

can_fuzz()
{
    have clang && echo '#include <stddef.h>
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len);
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len) { return !bytes && len; }' |
        clang -fsanitize=fuzzer,address,undefined -x c - -o "$scratch/fuzzer" >/dev/null 2>&1
}

# Headers for 32 bits, where there are such packages.
can_narrow()
{
    have clang && echo '#include <stdio.h>' | clang -m32 -fsyntax-only -x c - 2>/dev/null
}

known()
{
    have apt-cache && apt-cache show "$1" >/dev/null 2>&1
}

# first PACKAGE... prints the first one that this release has, or the last.
first()
{
    for package in "$@"; do
        known "$package" && break
    done
    echo "$package"
}

# want PACKAGE...: they are missing, each named once.
want()
{
    for package in "$@"; do
        case " $missing " in
        *" $package "*) ;;
        *) missing="${missing:+$missing }$package" ;;
        esac
    done
}

# Sets $missing to the packages that are not there, by their Debian names.
# Some names change between releases: apt has to be asked after its update.
find_missing()
{
    missing=
    can_compile cc || want gcc libc6-dev
    have meson || want meson
    have ninja || want ninja-build
    have pkg-config || want pkg-config
    have_library 'libmsgpack-c-dev libmsgpack-dev' msgpack-c msgpack ||
        want "$(first libmsgpack-c-dev libmsgpack-dev)"
    have_library libzstd-dev libzstd || want libzstd-dev
    have_library libxxhash-dev libxxhash || want libxxhash-dev
    have scdoc || want scdoc
    if $tests; then
        have_library libcriterion-dev criterion || want libcriterion-dev
        have_library libjansson-dev jansson || want libjansson-dev
        have patch || want patch
    fi
    if $ci; then
        have git || want git
        have zsh || want zsh
        have fish || want fish
        can_compile gcc || want gcc libc6-dev
        can_compile clang || want clang libc6-dev
        can_fuzz || { ! can_compile clang && installed libclang-rt-dev; } ||
            want "$(first libclang-rt-dev libclang-rt-14-dev libclang-common-14-dev)"
        can_narrow || ! known libc6-dev-i386 || want libc6-dev-i386
        have clang-format || want clang-format
        { have valgrind && valgrind --quiet "$(command -v true)" >/dev/null 2>&1; } ||
            want valgrind libc6-dbg
        { have localedef && [ -e /usr/share/i18n/locales/tr_TR ]; } || want locales
    fi
}

as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

cannot_install()
{
    say "missing packages: $missing" >&2
    say "$1; install them and run tools/setup.sh again" >&2
    exit 1
}

install_missing()
{
    have apt-get || cannot_install "this is not Debian or Ubuntu (these are Debian's names)"
    if [ "$(id -u)" -ne 0 ]; then
        have sudo || cannot_install "not root, and there is no sudo"
        as_root true 2>/dev/null || cannot_install "not root, and sudo refuses"
    fi

    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    say "missing packages: $missing"
    as_root apt-get update -q || say "apt-get update failed; trying with the lists that are there" >&2
    find_missing
    # Unquoted: a list of names.
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        -o DPkg::Lock::Timeout=120 $missing </dev/null || cannot_install "apt-get install failed"

    find_missing
    [ -z "$missing" ] || cannot_install "they were installed, yet do not work"
}

find_missing
[ -z "$missing" ] || install_missing

# Does build/ have tests? Is its program optimised across files?
has_tests()
{
    grep -q '^build tests/test_buf:' build/build.ninja
}

is_fast()
{
    grep -q -e ' -flto' build/build.ninja
}

# A library that was missing is looked for again only when build/ is configured again.
again=false
target=program
if $fast; then
    set -- -Db_lto=true -Dtests=disabled
    is_fast 2>/dev/null || again=true
elif $tests; then
    set -- -Db_lto=false -Dtests=enabled
    target=all
    { has_tests && ! is_fast; } 2>/dev/null || again=true
else
    set --
fi

if [ ! -f build/build.ninja ]; then
    meson setup build "$@" || exit 1
    ninja -C build $target || exit 1
    say "built build/dcsim"
    exit 0
fi
if $again; then
    meson setup --reconfigure build "$@" || exit 1
fi

# Configured before: let ninja find out whether there is work, and stay quiet if
# all it did was to ask for the commit.
ninja -C build $target >"$scratch/ninja" 2>&1
rc=$?
if [ "$rc" -ne 0 ]; then
    cat "$scratch/ninja" >&2
    exit 1
fi
if grep -v -e 'Entering directory' -e 'no work to do' -e 'Generating .*version\.h' "$scratch/ninja"; then
    say "built build/dcsim"
else
    say "nothing to do: build/dcsim is up to date"
fi
