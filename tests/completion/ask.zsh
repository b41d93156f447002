# ask.zsh FOLDER LINE: what zsh completes LINE to, with the script _dcsim of FOLDER. zsh
# completes only where somebody types, so another zsh gets a terminal of its own; what it
# would offer is what its functions give to compadd.
zmodload zsh/zpty || exit 1
zpty asked zsh -f -i
zpty -w asked "PS1=; unsetopt zle_bracketed_paste; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -d $1/dump"
zpty -w asked 'compadd() {
    local -a found
    local -i at=${@[(i)-O|-A|-D]}
    if (( at <= $# )); then
        builtin compadd "$@"
        return
    fi
    builtin compadd -A found "$@"
    (( $#found )) && print -rl -- "${found[@]/#/MATCH:}" >>'$1'/matches
    builtin compadd "$@"
}'
zpty -w asked "zstyle ':completion:*' verbose no; done-asking() { : >>$1/matches; : >$1/done }; zle -N done-asking; bindkey '^X' done-asking; print READY\$((1+1))"
zpty -r -m asked ignored '*READY2*'
rm -f $1/matches $1/done
zpty -w -n asked "$2"$'\t\x18'
for (( i = 0; i < 600; i++ )); do
    [[ -e $1/done ]] && break
    sleep 0.05
done
zpty -d asked
[[ ! -e $1/matches ]] || sed -n 's/\\//g; s/^MATCH://p' $1/matches
