#!/bin/sh
# What a library may ask of the rest of the world, read from its symbols: this
# sees what macros, inlines and compilers hide from tests/layering/includes.sh.
#
#   tests/layering/symbols.sh core LIBRARY
#   tests/layering/symbols.sh sim LIBRARY
#
# core: a short list of functions of libc, the three libraries, nothing else,
# and no variable that can be written: a node is all in its struct.
# sim: no other source of chance, time or order than the simulator's own.
#
# Prints what breaks a rule and exits with 1 if anything does.
set -u
LC_ALL=C
export LC_ALL
layer=$1
library=$2

undefined=$(mktemp) || exit 2
trap 'rm -f "$undefined"' EXIT

# Lines "member symbol", without those that another member defines.
{
    nm -A --defined-only "$library" 2>/dev/null | awk '{ print "defined", $NF }'
    nm -A --undefined-only "$library" 2>/dev/null |
        awk '{ split($1, at, ":"); print "asks", at[2], $NF }'
} | awk '
    $1 == "defined" { defined[$2] = 1 }
    $1 == "asks" { member[++n] = $2; symbol[n] = $3 }
    END {
        for (i = 1; i <= n; i++)
            if (!(symbol[i] in defined))
                print member[i], symbol[i]
    }' >"$undefined"

[ "$(nm "$library" 2>/dev/null | wc -l)" -gt 0 ] || { echo "$library: no symbols" >&2; exit 2; }

rc=0
awk -v layer="$layer" '
function refuse(why)
{
    printf "%s: %s: %s\n", $1, $2, why
    refused++
}

# Members are called "mem.c.o" or, in another folder, "core_mem.c.o".
function from(name)
{
    return $1 ~ ("(^|[_/])" name "\\.c\\.o$")
}

# What compilers, sanitizers and hardened builds of a distribution add.
$2 ~ /^__(asan|ubsan|lsan|tsan|msan|sanitizer|sancov|llvm|gcov|gcc)_/ { next }
$2 ~ /^(__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__tls_get_addr)$/ { next }

# Floats, where the processor has none.
$2 ~ /^__(add|sub|mul|div|neg)[sdtxh]f[23]$/ || $2 ~ /^__(fix|float|ext|trunc)[a-z]*[sdtxh][fi]/ ||
$2 ~ /^__(eq|ne|lt|le|gt|ge|unord|cmp|pow)[sdtxh]f2$/ {
    refuse("a float")
    next
}

layer == "core" {
    # Bytes and their order; and 128 bit integers, which compilers call helpers for.
    if ($2 ~ /^(mem(cpy|cmp|move|set|chr)|bcmp|[hn]to[hn][sl]|strlen|strcmp|__mem(cpy|move|set)_chk)$/ ||
        $2 ~ /^__(u?div|u?mod|u?divmod|mul|ashl|ashr|lshr|popcount|clz|ctz|bswap)[dt]i[234]$/)
        next
    if ($2 ~ /^(XXH|ZSTD_|msgpack_)/)
        next
    if ($2 ~ /^(malloc|calloc|realloc|free)$/) {
        if (!from("mem"))
            refuse("memory comes from core/mem.c")
        next
    }
    if ($2 ~ /^(abort|fprintf|__fprintf_chk|fputs|fwrite|fputc|fflush|stderr)$/) {
        if (!from("contract"))
            refuse("only a broken contract speaks, or ends the process")
        next
    }
    refuse("core knows the world only through struct env")
    next
}

layer == "sim" {
    if ($2 ~ /^(rand|srand|rand_r|random|srandom|random_r|[demnjl]rand48|arc4random.*|getrandom|getentropy)$/)
        refuse("draws go through choose")
    else if ($2 ~ /^(getenv|secure_getenv|setlocale|localeconv|uselocale|__ctype_.*|environ)$/)
        refuse("depends on where it runs")
    else if ($2 ~ /^(strto(d|f|ld)|atof|.*scanf|pow|exp|log|log2|sqrt|floor|ceil|round)$/)
        refuse("a float, or depends on the locale")
    else if ($2 ~ /^(hsearch|hcreate)/)
        refuse("hash order")
    else if ($2 ~ /^(pthread_.*|thrd_.*|socket|connect|bind)$/)
        refuse("threads and sockets are no part of a simulated world")
    else if ($2 ~ /^(time|clock|gettimeofday|clock_gettime|timespec_get|nanosleep|usleep|sleep)$/)
        refuse("wall time")
    else if ($2 ~ /^(ZSTD_|msgpack_)/)
        refuse("the codec belongs to core")
}

END { exit refused > 0 }
' "$undefined" || rc=1

# Variables that can be written. Constant tables of pointers are in
# .data.rel.ro, which nm cannot tell from .data; objdump can. Sanitizers keep
# notes in .data, so their builds say nothing here.
if [ "$layer" = core ] && ! grep -q -e ' __asan_' -e ' __ubsan_' "$undefined"; then
    objdump -t "$library" | awk -F '\t' '
        / file format / { sub(/:[ \t]+file format .*/, ""); member = $0; next }
        NF < 2 { next }
        {
            n = split($1, left, " ")
            section = left[n]
            split($2, right, " ")
            if (right[1] ~ /^0+$/ || $1 ~ / d  /)
                next
            if (section ~ /^\.(data|bss|tdata|tbss)(\.|$)/ && section !~ /^\.data\.rel\.ro/ ||
                section == "*COM*") {
                printf "%s: %s: a variable that can be written\n", member, right[2]
                refused++
            }
        }
        END { exit refused > 0 }' || rc=1
fi
exit $rc
