set -- a "b c" d
echo "$# $1 $2"; shift; echo "$*"; shift 2; echo "$#"
f() { echo "$#:$@"; }; f "$@"; f; f '' x
set -- $(seq 12); echo "${10} ${12}"
