DIR="$( cd "$( dirname "${BASH_SOURCE[0]}" )" && pwd )"
[[ -n $DIR && -f "$DIR/$(basename "$0")" ]] && echo "found myself"
echo "${0##*/}"
echo "${BASH_SOURCE[0]##*/}"
