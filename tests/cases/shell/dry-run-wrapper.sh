DRY_RUN=1
run() { if [[ -n ${DRY_RUN:-} ]]; then printf '+'; printf ' %q' "$@"; echo; else "$@"; fi; }
run rm -rf "/some path" 'quo"te'
DRY_RUN= run echo executed
