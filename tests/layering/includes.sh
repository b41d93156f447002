#!/bin/sh
# Who may include whom.
#
#   tests/layering/includes.sh ROOT
#
# Prints each include line that breaks a rule, and exits with 1 if there is one.
# The rules are in the table below; tests/layering/selftest.sh proves that each
# of them fires.
set -u
LC_ALL=C
export LC_ALL
cd "$1" || exit 2

sources=$(find core sim live tests tools -name '*.[ch]' 2>/dev/null | sort)
[ -n "$sources" ] || { echo "no sources under $1" >&2; exit 2; }

# shellcheck disable=SC2086
awk '
function refuse(why)
{
    printf "%s:%d: %s: %s\n", FILENAME, FNR, header, why
    refused++
}

function words(list, set,    n, i, parts)
{
    n = split(list, parts, " ")
    for (i = 1; i <= n; i++)
        set[parts[i]] = 1
}

BEGIN {
    # Core: plain C without an environment, and the three libraries. Nothing
    # with a clock, a file, a locale, a thread or a float in it.
    words("stdalign.h stdbool.h stddef.h stdint.h stdnoreturn.h inttypes.h limits.h string.h", core_c)
    words("msgpack.h zstd.h zstd_errors.h xxhash.h", core_library)
    # Memory comes from one file of core, and one file may speak before it dies.
    core_only["core/mem.c stdlib.h"] = 1
    core_only["core/contract.c stdlib.h"] = 1
    core_only["core/contract.c stdio.h"] = 1

    # Sim: what depends on locale, or computes in floats, can differ between
    # two machines; the codec is the affair of core.
    words("complex.h ctype.h fenv.h float.h locale.h math.h tgmath.h threads.h wchar.h wctype.h " \
          "pthread.h msgpack.h zstd.h zstd_errors.h", sim_never)
    # The real world is let in by the program itself and by nothing it runs.
    # One flag, set from outside, may end what runs.
    sim_only["sim/verify.h signal.h"] = 1
    words("dirent.h fcntl.h glob.h netdb.h poll.h sched.h signal.h time.h unistd.h", world)
}

FNR == 1 {
    # The layer is the first folder. "program": what a scenario cannot reach.
    layer = FILENAME
    sub(/\/.*/, "", layer)
    program = FILENAME ~ /^sim\/(main|cmd|cmd_[a-z_]+|artifacts)\.[ch]$/
}

/^[ \t]*#[ \t]*include/ {
    header = $0
    sub(/^[ \t]*#[ \t]*include[ \t]*/, "", header)
    ours = substr(header, 1, 1) == "\""
    system_header = substr(header, 1, 1) == "<"
    sub(/^["<]/, "", header)
    sub(/[">].*/, "", header)

    if (!ours && !system_header) {
        refuse("includes are written out, so that a grep finds them")
        next
    }
    if (index(header, "..")) {
        refuse("includes are written from the root")
        next
    }
    if (ours && header ~ /^tests\// && layer != "tests" && layer != "tools")
        refuse("only tests and tools include tests/")
    else if (layer == "core" && ours && header !~ /^core\//)
        refuse("core includes only core/ and msgpack, zstd, xxHash")
    else if (layer == "core" && system_header && !(header in core_c) &&
             !(header in core_library) && header !~ /^msgpack\// &&
             !((FILENAME " " header) in core_only))
        refuse("core has no use for this header")
    else if (layer == "sim" && ours && header !~ /^(core|sim)\//)
        refuse("sim includes only core/ and sim/")
    else if (layer == "sim" && (header in sim_never))
        refuse("differs between machines, or belongs to core")
    else if (layer == "sim" && system_header && !program && !((FILENAME " " header) in sim_only) &&
             ((header in world) || header ~ /^(sys|netinet|arpa|net)\//))
        refuse("only the program itself meets the real world")
    else if (layer == "live" && ours && header !~ /^(core|live)\//)
        refuse("live includes only core/ and live/")
}

END { exit refused > 0 }
' $sources
rc=$?

# Some modules of sim move bytes and time and do not know what a counter is, so
# that another kind of node can move in. Followed through headers, except for the
# timeline, which tells the cluster what to do when.
for module in arena choose event evq net nodeset select text timeline trace wide disk; do
    for start in "sim/$module.c" "sim/$module.h"; do
        [ -f "$start" ] || continue
        seen=
        todo=$start
        while [ -n "$todo" ]; do
            next=
            for file in $todo; do
                case " $seen " in *" $file "*) continue ;; esac
                seen="$seen $file"
                case $file in
                core/pncounter.h | core/node.h | core/digest.h | core/message.h)
                    echo "$start: reaches $file: $module moves bytes and time," \
                        "and does not know what a counter is"
                    rc=1
                    ;;
                esac
                [ -f "$file" ] || continue
                [ "$module:$file" != timeline:sim/cluster.h ] || continue
                next="$next $(sed -n 's/^[ 	]*#[ 	]*include[ 	]*"\([^"]*\)".*/\1/p' "$file")"
            done
            todo=$(echo $next)
        done
    done
done
exit $rc
