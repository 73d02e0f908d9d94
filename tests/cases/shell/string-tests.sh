[[ "prod-eu" == prod-* ]] && echo prefix
[[ ! -e missing && -d . ]] && echo tests
[ "a" = "a" ] && [ "b" != "c" ] && echo eq
[[ abc < abd ]] && echo less
[ -z "" -a -n "x" ] && echo both
[[ "x y" == "x y" ]] && echo quoted
