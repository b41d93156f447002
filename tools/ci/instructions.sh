#!/bin/sh
# How many instructions do some fixed runs take, and is that more than before?
#
#   tools/ci/instructions.sh            the commit at hand against its first parent; or
#                                       what is not committed yet against the commit at hand
#   tools/ci/instructions.sh COMMIT     against that one
#   tools/ci/instructions.sh --compare BEFORE AFTER TEXT
#                                       only compares two files of counts
#
# Instructions repeat where seconds do not. Both sides are built here, the same
# way (release), and counted by callgrind. A run that takes over 3 % more has to
# be named by a line of a commit since then:
#
#   instructions: w1-100 +4 % because each frame is now checked twice
#
# Both sides run the scenarios as they were before: a longer story is no slower
# program. What there is on one side only is said, and not compared. How many
# were compared is left in build-ci-instructions/compared.
set -u
unset CDPATH
LC_ALL=C
export LC_ALL

# compare BEFORE AFTER TEXT: lines "NAME COUNT" each, a count of "-" is none.
compare()
{
    awk -v before="$1" -v text="$3" '
        # What the texts allow NAME to rise by, in percent.
        function named(name,    line, part, most) {
            most = 0
            while ((getline line < text) > 0) {
                if (line !~ /^instructions: +[^ ]+ +\+[0-9.]+ *% +because +[^ .]/)
                    continue
                split(line, part, " +")
                sub(/%$/, "", part[3])
                if (part[2] == name && substr(part[3], 2) + 0 > most)
                    most = substr(part[3], 2) + 0
            }
            close(text)
            return most
        }
        # Is @now over @percent more than @was? Near enough to whole numbers.
        function over(now, was, percent) {
            return now * 100 > was * (100 + percent) + 0.5
        }
        BEGIN {
            while ((getline line < before) > 0) {
                split(line, part, " ")
                old[part[1]] = part[2]
            }
        }
        !(old[$1] > 0) || !($2 > 0) {
            printf "%-16s %15s %15s  not compared\n", $1, (old[$1] > 0 ? old[$1] : "-"), $2
            next
        }
        {
            rise = ($2 / old[$1] - 1) * 100
            verdict = ""
            if (over($2, old[$1], 3)) {
                most = named($1)
                if (over($2, old[$1], most)) {
                    failed++
                    whole = int(rise) + over($2, old[$1], int(rise))
                    verdict = "  TOO MANY"
                    only = most > 0 ? ", and the commit names only " most " %" : ""
                    advice = advice sprintf("%s takes %.2f %% more than before%s.\n", $1, rise, only)
                    lines = lines sprintf("    instructions: %s +%d %% because ...\n", $1, whole)
                } else {
                    verdict = sprintf("  named: +%s %%", most)
                }
            }
            compared++
            printf "%-16s %15s %15s  %+7.2f %%%s\n", $1, old[$1], $2, rise, verdict
        }
        END {
            if (failed) {
                printf "\n%s", advice
                print "Make it cheaper (docs/performance.md says how to see where they go), or say in the"
                printf "text of the commit why it is worth it:\n\n%s\n", lines
            }
            printf "%d runs compared, %d take over 3 %% more that no commit names\n", compared, failed
            exit failed > 0
        }
    ' "$2"
}

if [ "${1-}" = --compare ]; then
    [ $# -eq 4 ] || { echo "usage: $0 --compare BEFORE AFTER TEXT" >&2; exit 2; }
    [ -r "$2" ] && [ -s "$3" ] && [ -r "$4" ] || { echo "$0: nothing to compare" >&2; exit 2; }
    compare "$2" "$3" "$4"
    exit
fi

cd "$(dirname "$0")/../.." || exit 1
root=$PWD
folder=$root/build-ci-instructions
mkdir -p "$folder" || exit 1
rm -f "$folder/compared"

nothing()
{
    echo "nothing to compare with: $*"
    exit 0
}

git -C "$root" rev-parse -q --verify HEAD >/dev/null 2>&1 || nothing "this is no git checkout"
if [ $# -gt 0 ]; then
    base=$1
elif git -C "$root" diff --quiet HEAD --; then
    base=HEAD^1
else
    base=HEAD
fi
base=$(git -C "$root" rev-parse -q --verify "$base^{commit}") ||
    nothing "the commit before is not here (a shallow checkout, or the first of all)"

programs='dcsim tools/bench_codec tools/bench_queue tools/bench_w2'

# build SOURCE FOLDER
build()
{
    if [ ! -f "$2/build.ninja" ]; then
        CC=gcc meson setup "$2" "$1" -Dbuildtype=release -Dtests=disabled -Dman=disabled || return 1
    fi
    # One that is not there yet is not compared.
    for program in $programs; do
        ninja -C "$2" "$program" || [ "$program" != dcsim ] || return 1
    done
}

# The runs: name, what counts (a function, or all), program, arguments. Both sides
# together have to stay below a minute.
runs()
{
    cat <<'RUNS'
w1-100 all dcsim -q -D nodes=100 tools/bench/w1.scn
w1-100-sampled all dcsim -q --codec sampled -D nodes=100 tools/bench/w1.scn
quiet all dcsim -q tools/bench/quiet.scn
partition all dcsim -q --seeds 1..20 scenarios/partition.scn
everything all dcsim -q scenarios/everything.scn
start-up all dcsim -q tools/bench/empty.scn
w2 all tools/bench_w2 --quick
queue all tools/bench_queue --quick
encode message_encode tools/bench_codec --quick
decode message_decode tools/bench_codec --quick
merge pncounter_merge tools/bench_codec --quick
digest digest_of tools/bench_codec --quick
RUNS
}

# count LOG BUILD WHAT PROGRAM ARGUMENT...: in the folder we are in. Says nothing when it fails.
count()
{
    log=$1
    build=$2
    what=$3
    program=$4
    shift 4
    toggle=
    [ "$what" = all ] || toggle=--toggle-collect=$what
    # shellcheck disable=SC2086
    valgrind --tool=callgrind --callgrind-out-file=/dev/null $toggle "$build/$program" "$@" \
        >/dev/null 2>"$log" </dev/null || return 1
    # Several seeds are in worker processes, each with a count of its own.
    sed -n 's/.*Collected *: *\([1-9][0-9]*\).*/\1/p' "$log" |
        awk '{ sum += $1 } END { if (sum > 0) printf "%.0f\n", sum }'
}

# side NAME: all runs of one side, its counts into a file. Files are read where they are as
# they were before; only a run that cannot be, for the new program, has to work with the new ones.
side()
{
    runs | while read -r name what program arguments; do
        # shellcheck disable=SC2086
        counted=$(cd "$folder/source" && count "$folder/$1.log" "$folder/$1" $what $program $arguments)
        if [ -z "$counted" ] && [ "$1" = after ]; then
            # shellcheck disable=SC2086
            if ! (cd "$root" && count "$folder/$1.log" "$folder/$1" all $program $arguments) >/dev/null; then
                echo "$name: $program $arguments does not run:" >&2
                cat "$folder/$1.log" >&2
                exit 1
            fi
        fi
        echo "$name ${counted:--}"
    done >"$folder/$1.counts"
}

git -C "$root" log --format=%B "$base..HEAD" >"$folder/text" || exit 1
echo "against $(git -C "$root" log -1 --format='%h %s' "$base")"

rm -rf "$folder/source" "$folder/before"
mkdir "$folder/source" || exit 1
git -C "$root" archive "$base" | tar -x -C "$folder/source" || exit 1
build "$root" "$folder/after" >"$folder/build.log" 2>&1 || { cat "$folder/build.log"; exit 1; }
build "$folder/source" "$folder/before" >"$folder/build.log" 2>&1 ||
    nothing "the commit before does not build"

side before &
side after || exit 1
wait $! || exit 1
compare "$folder/before.counts" "$folder/after.counts" "$folder/text" >"$folder/table"
rc=$?
cat "$folder/table"
sed -n 's/^\([0-9]*\) runs compared.*/\1/p' "$folder/table" >"$folder/compared"
exit $rc
