#!/bin/sh
# Does the alarm ring? Each layering rule is given a small tree that breaks it,
# and has to refuse it with the right words; and a clean tree, and accept it.
#
#   tests/layering/selftest.sh ROOT [CC...]
set -u
root=$(cd "$1" && pwd) || exit 2
shift
[ $# -gt 0 ] || set -- cc
rules=$root/tests/layering
tree=$(mktemp -d) || exit 2
trap 'rm -rf "$tree"' EXIT
trials=0
wrong=0

# Each trial starts from a clean tree with one file in each layer.
fresh()
{
    rm -rf "${tree:?}"/*
    mkdir -p "$tree/core" "$tree/sim/scenario" "$tree/tests" "$tree/scenarios"
    cat >"$tree/core/mem.h" <<'C'
/* A double in a comment, and 1.5 of them. */
#include <stddef.h>
void *mem_get(size_t size);
C
    cat >"$tree/core/mem.c" <<'C'
#include "core/mem.h"

#include <stdlib.h>

static const char *const texts[] = {"float", "2.5 // \" double"};

void *mem_get(size_t size)
{
    return size > 0x1e5 ? (void *)texts[size % 2] : malloc(size);
}
#pragma GCC poison strtod
C
    cat >"$tree/sim/net.h" <<'C'
#include "core/mem.h"
int net_up(int range);
C
    cat >"$tree/sim/net.c" <<'C'
#include "sim/net.h"

#include <stdlib.h>

int net_up(int range)
{
    return mem_get((size_t)range) != NULL;
}
C
    printf '#include "sim/net.h"\n#include "tests/lib.h"\n' >"$tree/tests/test_net.c"
    : >"$tree/tests/lib.h"
    echo 'scn 1' >"$tree/scenarios/one.scn"
    echo "'mem.c', 'mem.h'," >"$tree/core/meson.build"
    echo "'net.c', 'net.h'," >"$tree/sim/meson.build"
    echo "'test_net.c'," >"$tree/tests/meson.build"
    echo "'one.scn'," >"$tree/scenarios/meson.build"
}

# add FILE LINE...: lines at the end of a file of the tree.
add()
{
    file=$tree/$1
    shift
    printf '%s\n' "$@" >>"$file"
}

library()
{
    objects=
    for source in "$tree/$1"/*.c; do
        object=${source%.c}.c.o
        "${compiler:-cc}" -O1 -I"$tree" -c "$source" -o "$object" || exit 2
        objects="$objects $object"
    done
    rm -f "$tree/lib$1.a"
    # shellcheck disable=SC2086
    ar rcs "$tree/lib$1.a" $objects
}

# judge RULE ARGUMENT... runs one and leaves what it says in $said, $rc.
judge()
{
    rule=$1
    shift
    said=$(sh "$rule" "$@" 2>&1)
    rc=$?
    trials=$((trials + 1))
}

holds()
{
    if [ "$rc" -ne 0 ]; then
        echo "refused a clean tree ($1): $said"
        wrong=$((wrong + 1))
    fi
}

fires()
{
    case $rc:$said in
    1:*"$1"*) ;;
    *)
        echo "let it pass ($1), exit $rc: $said"
        wrong=$((wrong + 1))
        ;;
    esac
}

# include FILE LINE WORDS: the line, put into the file, is refused with WORDS.
include()
{
    fresh
    add "$1" "$2"
    judge "$rules/includes.sh" "$tree"
    fires "$3"
}

# core_asks CODE WORDS, sim_asks CODE WORDS: likewise, for symbols.
core_asks()
{
    fresh
    add core/other.c "$1"
    library core
    judge "$rules/symbols.sh" core "$tree/libcore.a"
    fires "$2"
}

sim_asks()
{
    fresh
    add sim/other.c "$1"
    library sim
    judge "$rules/symbols.sh" sim "$tree/libsim.a"
    fires "$2"
}

float()
{
    fresh
    add "$1" "$2"
    judge "$rules/floats.sh" "$tree"
    fires "a float"
}

# draw beside|holds LINE: is it refused, as one with draws side by side?
draw()
{
    fresh
    add sim/net.c "$2"
    said=$(python3 "$rules/draws.py" "$tree" 2>&1)
    rc=$?
    trials=$((trials + 1))
    if [ "$1" = beside ]; then
        fires "sim/net.c:9: a draw beside another"
    else
        holds "$2"
    fi
}

unlisted()
{
    fresh
    : >"$tree/$1"
    judge "$root/tools/ci/listed.sh" "$tree"
    fires "$1: not listed"
}

# python RULE: a rule that is no shell script.
python()
{
    said=$(python3 "$rules/$1" "$tree" 2>&1)
    rc=$?
    trials=$((trials + 1))
}

# table holds|ROW LINE...: without that row of the table.
table()
{
    fresh
    add sim/net.h 'enum net_fate { NET_HELD, NET_LOST, NET_FATES };' 'extern int kept[NET_FATES];'
    add sim/net.c "$2"
    python tables.py
    if [ "$1" = holds ]; then
        holds "$2"
    else
        fires "sim/net.c:9: texts has no row for $1"
    fi
}

# check FILE SED WORDS: the real tree, with FILE changed, is refused with WORDS.
check()
{
    fresh
    rm -rf "${tree:?}"/*
    mkdir -p "$tree/docs" "$tree/tests"
    cp -r "$root/sim" "$tree/sim"
    cp "$root/docs/dcsim-scenario.5.scd" "$tree/docs"
    cp -r "$root"/tests/*.c "$root/tests/failures" "$tree/tests"
    sed -i "$2" "$tree/$1"
    python fires.py
    fires "$3"
}

compiler=$1

fresh
library core
library sim
judge "$rules/includes.sh" "$tree"
holds includes
judge "$rules/symbols.sh" core "$tree/libcore.a"
holds "symbols of core"
judge "$rules/symbols.sh" sim "$tree/libsim.a"
holds "symbols of sim"
judge "$rules/floats.sh" "$tree"
holds floats
echo 'int up(int value) { return cr_agt(value); }' >"$tree/tests/test_net.c"
judge "$rules/asserts.sh" "$tree"
holds asserts
echo 'cr_assert(gt(int, up, 0));' >>"$tree/tests/test_net.c"
judge "$rules/asserts.sh" "$tree"
fires "test_net.c:2:cr_assert(gt(int, up, 0));  <- gt() lets equal values pass"
judge "$root/tools/ci/listed.sh" "$tree"
holds lists

include core/mem.c '#include "sim/net.h"' "core includes only"
include core/mem.h '#  include "mem.h"' "core includes only"
include core/mem.c '#include "core/../sim/net.h"' "from the root"
include core/mem.c '#include HEADER' "written out"
include core/mem.c '#include <time.h>' "core has no use"
include core/mem.c '#include <stdio.h>' "core has no use"
include core/mem.h '#include <stdlib.h>' "core has no use"
include core/mem.h '#include <math.h>' "core has no use"
include core/mem.c '#include "tests/lib.h"' "only tests and tools"
include sim/net.c '#include "tests/lib.h"' "only tests and tools"
include sim/net.c '#include "live/tcp.h"' "sim includes only"
include sim/net.h '#include <locale.h>' "differs between machines"
include sim/net.h '#include <zstd.h>' "belongs to core"
include sim/net.c '#include <sys/socket.h>' "real world"
include sim/net.c '#include <time.h>' "real world"
include sim/net.c '#include "core/node.h"' "what a counter is"
include core/mem.h '#include "core/pncounter.h"' "what a counter is"
mkdir -p "$tree/live"
add live/tcp.c '#include "sim/net.h"'
judge "$rules/includes.sh" "$tree"
fires "live includes only"

core_asks '#include <time.h>
long other(void); long other(void) { return time(0); }' "other.c.o: time: core knows"
core_asks '#include <stdlib.h>
int other(void); int other(void) { return rand(); }' "rand: core knows"
core_asks '#include <stdlib.h>
int other(void); int other(void) { return getenv("X") != 0; }' "getenv: core knows"
core_asks '#include <sys/socket.h>
int other(void); int other(void) { return socket(0, 0, 0); }' "socket: core knows"
core_asks '#include <stdlib.h>
void *volatile p; void *other(void); void *other(void) { return p = malloc(3); }' \
    "malloc: memory comes from"
core_asks '#include <stdio.h>
void other(int x); void other(int x) { fprintf(stderr, "%d", x); }' "stderr: only a broken contract"
core_asks 'extern int __adddf3(int); int other(void); int other(void) { return __adddf3(1); }' \
    "__adddf3: a float"
core_asks 'int other(void); int other(void) { static int calls; return calls++; }' \
    "can be written"
core_asks 'int other = 7;' "other: a variable that can be written"
core_asks '__thread int other = 7;' "other: a variable that can be written"

sim_asks '#include <stdlib.h>
long other(void); long other(void) { return random(); }' "random: draws go through"
sim_asks '#include <time.h>
long other(void); long other(void) { return time(0); }' "time: wall time"
sim_asks '#include <stdlib.h>
char *other(void); char *other(void) { return getenv("TZ"); }' "getenv: depends on where"
sim_asks '#include <ctype.h>
int other(int c); int other(int c) { return (isalpha)(c) + isdigit(c) + isalpha(c); }' \
    "depends on where"
sim_asks '#include <stdlib.h>
double other(const char *c); double other(const char *c) { return strtod(c, 0); }' \
    "strtod: a float"

float core/mem.c 'float other(void);'
float core/mem.h '#define HALF .5'
float sim/net.c 'static int x = (int)(3 * 1.5);'
float sim/net.c 'static int y = 3 * 1e9;'
float sim/net.h 'int two(void); /* no float */ double one(void);'

draw beside 'int x = net_up(knob_draw(knob, 1) + knob_draw(knob, 2));'
draw beside 'int x[] = {forge_draw(forge, 1), forge_draw(forge, 2)};'
draw beside 'int x(void) { return net_up(net_up(env_below(env, 1)), 3, env_below(&node->env, 2)); }'
draw beside 'int x = net_up(y ? knob_draw(knob, 1) : 2, z && knob_draw(knob, 2));'
draw beside 'int x = net_up(some(knob), "knob_draw(knob)", (knob_draw(knob, 2)));'
draw holds 'int x = knob_draw(knob, 1, knob_draw(knob, 1)), y = knob_draw(knob, 2);'
draw holds 'int x = knob_chance(knob, 1) ? knob_draw(knob, 1) : knob_draw(knob, 2);'
draw holds 'int x(void) { if (knob_chance(knob, 1) && knob_chance(knob, 2)) { y(knob); } z(knob); }'
draw holds 'int x = net_up(knob_draw(knob, 1), knob->draw, text(buf, knob)); /* (f(knob), g(knob)) */'

table holds 'const char *const texts[] = {[NET_HELD] = "held", [NET_LOST] = "lost"};'
table holds 'const char *const texts[NET_FATES] = {[NET_HELD] = "held", [NET_LOST] = "lost"};'
table NET_LOST 'const char *const texts[] = {[NET_HELD] = "[NET_LOST] = "};'
table NET_HELD 'const char *const texts[] = { /* [NET_HELD] = */ [NET_LOST] = "lost"};'

check sim/logbook.c 's/counts its records wrongly/counts its records badly/' \
    "sim/logbook.c: no test expects 'counts its records badly'"
check docs/dcsim-scenario.5.scd '/^- _digest_/d' "has no '- _digest_: '"
check sim/checks.c 's/= "digest"/= "digests"/' "check 'digests': no plant makes it fire"

unlisted core/other.c
unlisted core/other.h
unlisted sim/scenario/other.c
unlisted tests/test_other.c
unlisted scenarios/other.scn

# Registers: only where the rule can be checked at all.
fresh
judge "$rules/registers.sh" "$tree"
if [ "$rc" -ne 77 ]; then
    holds registers
    add core/mem.c 'int third(int x); int third(int x) { return (int)(x * 0.3); }'
    judge "$rules/registers.sh" "$tree"
    fires "mem.c"
fi

echo "$trials trials of the layering rules, $wrong wrong"
[ "$wrong" -eq 0 ]
