#!/bin/sh
# Does a shell complete what tests/completion/cases says?
#
#   tests/completion/run.sh bash|zsh|fish DCSIM
#
# Runs the shell itself, on the script that DCSIM prints for it. Exits with 77, which is
# "skipped", where there is no such shell.
set -u
LC_ALL=C.UTF-8
export LC_ALL
shell=$1
dcsim=$(realpath "$2") || exit 2
here=$(cd "$(dirname "$0")" && pwd) || exit 2
command -v "$shell" >/dev/null 2>&1 || { echo "skipped: there is no $shell here"; exit 77; }

scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
HOME=$scratch/home
export HOME
mkdir "$scratch/home" "$scratch/folder" "$scratch/folder/e"
for file in 'a b.scn' c.scn d.txt -n.scn; do
    : >"$scratch/folder/$file"
done
# zsh alone can offer a name of two lines; then they would be shown as two here.
[ "$shell" = zsh ] || : >"$scratch/folder/e/g
h.scn"
"$dcsim" --completion "$shell" >"$scratch/_dcsim" || exit 1
cd "$scratch/folder" || exit 2

# ask LINE: what the shell completes it to, one a line.
ask()
{
    case $shell in
    bash) bash --norc "$here/ask.bash" "$scratch/_dcsim" "$1" ;;
    zsh) zsh -f "$here/ask.zsh" "$scratch" "$1" ;;
    fish) fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$scratch/_dcsim" "$1" |
        sed 's/\t.*//; s/^--[a-z-]*=//; s/\\ / /g' ;;
    esac
}

failed=0
count=0
while IFS= read -r line; do
    case $line in
    '>'*) ;;
    *) continue ;;
    esac
    IFS= read -r expected
    seen=$(ask "${line#>}" </dev/null | sed 's,/$,,; s/ /_/g' | sort -u | tr '\n' ' ')
    if [ "${seen% }" != "$expected" ]; then
        echo "'${line#>}': expected '$expected', found '${seen% }'"
        failed=$((failed + 1))
    fi
    count=$((count + 1))
done <"$here/cases"
echo "$shell: $count lines completed, $failed not as expected"
[ "$failed" -eq 0 ] && [ "$count" -gt 0 ]
