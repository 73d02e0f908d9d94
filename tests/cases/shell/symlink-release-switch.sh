mkdir -p releases/1 releases/2
echo v1 > releases/1/app; echo v2 > releases/2/app
ln -sfn "$PWD/releases/1" current; cat current/app
ln -sfn "$PWD/releases/2" current; cat current/app
basename "$(readlink current)"
[ "$(realpath current/app)" = "$(realpath releases/2/app)" ] && echo resolved
[ "$(readlink -f current)" = "$(cd releases/2 && pwd -P)" ] && echo same
