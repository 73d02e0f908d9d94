usage() { echo "usage: $0 -e ENV [-v] FILE..." | sed 's#.*/##'; exit 64; }
parse() {
  local OPTIND opt
  while getopts ":e:vh" opt; do
    case "$opt" in
      e) environment=$OPTARG ;;
      v) verbose=1 ;;
      h) echo help ;;
      :) echo "missing argument for -$OPTARG" ;;
      \?) echo "unknown option -$OPTARG" ;;
    esac
  done
  shift $((OPTIND - 1))
  echo "env=${environment:-} verbose=${verbose:-0} rest=$*"
}
parse -v -e prod a.txt "b c.txt"
parse -x -e
parse -ve staging -- -z
