# Octopus's helpers for scripts in bash. Put in front of a script, after the variables.
__seawall_encode() { printf '%s' "$1" | base64 | tr -d '\n'; }
get_octopusvariable() { printf '%s\n' "${__seawall_variables[${1,,}]-}"; }
set_octopusvariable() {
    local sensitive=False
    [[ ${3-} == -sensitive ]] && sensitive=True
    printf "##octopus[setVariable name='%s' value='%s' sensitive='%s']\n" \
        "$(__seawall_encode "$1")" "$(__seawall_encode "${2-}")" "$(__seawall_encode "$sensitive")"
}
new_octopusartifact() {
    local path name
    path=$(realpath -- "$1") || return
    name=${2-$(basename -- "$path")}
    printf "##octopus[createArtifact path='%s' name='%s' length='%s']\n" \
        "$(__seawall_encode "$path")" "$(__seawall_encode "$name")" "$(__seawall_encode "$(wc -c <"$path" | tr -d ' ')")"
}
update_progress() {
    printf "##octopus[progress percentage='%s' message='%s']\n" "$(__seawall_encode "$1")" "$(__seawall_encode "${2-}")"
}
fail_step() {
    printf "##octopus[resultMessage message='%s']\n" "$(__seawall_encode "${1-}")"
    exit 1
}
__seawall_level() { printf '##octopus[stdout-%s]\n%s\n##octopus[stdout-default]\n' "$1" "$2"; }
write_verbose() { __seawall_level verbose "$1"; }
write_highlight() { __seawall_level highlight "$1"; }
write_wait() { __seawall_level wait "$1"; }
write_warning() { __seawall_level warning "$1"; }
