#!/bin/sh
# What `meson install` puts somewhere is all that somebody needs who has nothing else: the
# program, its manual, its stories, its completions, what it is and its licence.
#
#   tests/install.sh BUILD PREFIX
#
# Installs BUILD into a folder in the place of /, and uses what lies there.
set -u
unset CDPATH
build=$1
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

DESTDIR=$scratch/root meson install -C "$build" --no-rebuild --quiet >"$scratch/log" 2>&1 ||
    { cat "$scratch/log"; exit 1; }
prefix=$scratch/root$2
failed=0

complain()
{
    echo "$*"
    failed=1
}

is_there()
{
    [ -s "$prefix/$1" ] || complain "$1: not installed"
}

is_there bin/dcsim
for file in bash-completion/completions/dcsim zsh/site-functions/_dcsim \
    fish/vendor_completions.d/dcsim.fish doc/dcsim/LICENSE doc/dcsim/README.md; do
    is_there "share/$file"
done
[ -x "$prefix/bin/dcsim" ] || complain "bin/dcsim: cannot be run"

# All scenarios, and they run from there: those that include others too.
source=$(cd "$(dirname "$0")/.." && pwd)
(cd "$source/scenarios" && find . -name '*.scn' | sort) >"$scratch/ours"
(cd "$prefix/share/dcsim/scenarios" && find . -type f | sort) >"$scratch/theirs"
cmp -s "$scratch/ours" "$scratch/theirs" ||
    complain "other scenarios: $(diff "$scratch/ours" "$scratch/theirs" | head -n 5)"
cd "$scratch" || exit 2
for name in partition stories/late-peer; do
    "$prefix/bin/dcsim" "$prefix/share/dcsim/scenarios/$name.scn" >"$scratch/out" 2>&1 ||
        complain "$name.scn: exit $?, $(cat "$scratch/out")"
done

# The pages were made if there was scdoc, and then man shows them.
if [ -e "$build/docs/dcsim.1" ]; then
    for page in man1/dcsim.1 man5/dcsim-scenario.5; do
        is_there "share/man/$page"
        ! command -v man >/dev/null 2>&1 ||
            man -l "$prefix/share/man/$page" 2>&1 </dev/null | grep -q NAME ||
            complain "$page: man does not show it"
    done
    command -v man >/dev/null 2>&1 || echo "no man here: the pages were not shown"
else
    echo "no scdoc here: no pages were made"
fi

echo "installed: $(cd "$prefix" && find . -type f | wc -l) files"
exit $failed
