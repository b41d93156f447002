# ask.bash SCRIPT LINE: what the function that SCRIPT gives to bash makes of LINE, as bash
# calls it: an = is a word of its own.
source "$1" || exit 1
line=$2
words=${line//=/ = }
read -r -a COMP_WORDS <<<"$words"
[[ $line == *' ' || $line == *= ]] && COMP_WORDS+=('')
[[ $line == *= ]] && unset 'COMP_WORDS[-1]'
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMP_LINE=$line
COMP_POINT=${#line}
called=$(complete -p dcsim) || exit 1
called=${called#*-F }
"${called%% *}" dcsim "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
[[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\n' "${COMPREPLY[@]}"
