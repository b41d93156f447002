#!/bin/sh
# The comparison of instruction counts fires, and only when it should.
#
#   tools/ci/instructions_test.sh
#
# Counts are made up: three runs of a thousand thousand instructions, and what one of
# them takes afterwards.
set -u
unset CDPATH
cd "$(dirname "$0")" || exit 1
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

failed=0
cases=0

# expect CODE WORDS COUNT TEXT: one run takes COUNT now, and TEXT is that of the commit.
expect()
{
    printf 'one 1000000\ntwo 1000000\nthree 1000000\n' >"$scratch/before"
    printf 'one 1000000\ntwo %s\nthree 1000000\n' "$3" >"$scratch/after"
    printf 'area: what changes\n\nWhy.\n%s\n' "$4" >"$scratch/text"
    ./instructions.sh --compare "$scratch/before" "$scratch/after" "$scratch/text" >"$scratch/out" 2>&1
    rc=$?
    cases=$((cases + 1))
    if [ "$rc" -ne "$1" ] || ! grep -qF -e "$2" "$scratch/out"; then
        echo "case $cases: exit $rc, expected $1 and '$2' in:"
        cat "$scratch/out"
        failed=$((failed + 1))
    fi
}

expect 0 '3 runs compared, 0 take' 1000000 ''
expect 0 '3 runs compared, 0 take' 1030000 ''
expect 1 'two takes 3.01 % more than before.' 1030100 ''
expect 1 'instructions: two +4 % because ...' 1030100 ''
expect 1 '3 runs compared, 1 take' 2000000 ''
expect 0 'named: +4 %' 1030100 'instructions: two +4 % because frames are checked twice'
expect 0 'named: +3.5 %' 1035000 'instructions: two +3.5% because frames are checked twice'
expect 1 'the commit names only 4 %' 1050000 'instructions: two +4 % because frames are checked twice'
# Another run, no reason, an unfilled line, or a word in passing name nothing.
expect 1 'TOO MANY' 1040000 'instructions: three +4 % because frames are checked twice'
expect 1 'TOO MANY' 1040000 'instructions: two +4 %'
expect 1 'TOO MANY' 1040000 'instructions: two +4 % because ...'
expect 1 'TOO MANY' 1040000 'Takes more instructions: two +4 % because frames are checked twice'
expect 0 '-50.00 %' 500000 ''
expect 0 '2 runs compared, 0 take' - ''

# A run that is new.
printf 'one 1000000\n' >"$scratch/before"
printf 'one 1000000\nnew 1000000\n' >"$scratch/after"
./instructions.sh --compare "$scratch/before" "$scratch/after" "$scratch/text" |
    grep -q '^new .* not compared$' || { echo "a new run was compared"; failed=$((failed + 1)); }

# No counts are an error, not a pass.
: >"$scratch/after"
if ./instructions.sh --compare "$scratch/before" "$scratch/after" "$scratch/text" 2>/dev/null; then
    echo "no counts passed"
    failed=$((failed + 1))
fi

# A checkout without the commit before says so, and passes; a folder that is none as well.
mkdir -p "$scratch/tree/tools/ci"
cp instructions.sh "$scratch/tree/tools/ci"
nothing_to_compare()
{
    GIT_CEILING_DIRECTORIES=$scratch "$scratch/tree/tools/ci/instructions.sh" |
        grep -qF "nothing to compare with: $1" ||
        { echo "not said: $1"; failed=$((failed + 1)); }
}
nothing_to_compare 'this is no git checkout'
git -C "$scratch/tree" init -q &&
    git -C "$scratch/tree" add . &&
    git -C "$scratch/tree" -c user.name=test -c user.email=test@example.invalid \
        commit -q -m 'the first of all' || exit 1
nothing_to_compare 'the commit before is not here'

echo "$cases comparisons, $failed wrong"
[ "$failed" -eq 0 ]
