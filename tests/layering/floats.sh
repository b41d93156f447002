#!/bin/sh
# No floating point in core and sim, nor a name that brings it in.
#
#   tests/layering/floats.sh ROOT
#
# Looks at the code only: comments and strings are taken out first. What hides
# behind a macro of a library, tests/layering/registers.sh finds.
set -u
LC_ALL=C
export LC_ALL
cd "$1" || exit 2

sources=$(find core sim -name '*.[ch]' | sort)
[ -n "$sources" ] || { echo "no sources under $1" >&2; exit 2; }

# shellcheck disable=SC2086
awk '
# The line without comments, and with its strings and characters emptied.
# A comment that goes on is remembered in "inside".
function code(line,    out, i, c, two, quote)
{
    out = ""
    quote = ""
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        two = substr(line, i, 2)
        if (inside) {
            if (two == "*/") {
                inside = 0
                i++
            }
        } else if (quote != "") {
            if (c == "\\")
                i++
            else if (c == quote) {
                quote = ""
                out = out c
            }
        } else if (two == "/*") {
            inside = 1
            i++
        } else if (two == "//") {
            break
        } else {
            if (c == "\"" || c == "\047")
                quote = c
            out = out c
        }
    }
    return out
}

FNR == 1 { inside = 0 }

# Names that are forbidden there.
/^#pragma GCC poison / && !inside { next }

{
    text = " " code($0) " "
    if (text ~ /[^A-Za-z0-9_](float|double|_Complex|_Float[0-9x]+|__float128|float_t|double_t)[^A-Za-z0-9_]/ ||
        text ~ /[^A-Za-z0-9_.][0-9]+\.[0-9]*/ || text ~ /[^A-Za-z0-9_]\.[0-9]/ ||
        text ~ /[^A-Za-z0-9_.][0-9]+[eE][-+]?[0-9]/ ||
        text ~ /[^A-Za-z0-9_](strtod|strtof|strtold|atof)[^A-Za-z0-9_]/) {
        printf "%s:%d: a float:%s\n", FILENAME, FNR, $0
        refused++
    }
}

END { exit refused > 0 }
' $sources
