set -- --env=prod --dry-run --tag v1.2 -- extra1 extra2
while [[ $# -gt 0 ]]; do
  case $1 in
    --env=*) env="${1#*=}"; shift ;;
    --dry-run) dry=true; shift ;;
    --tag) tag="$2"; shift 2 ;;
    --) shift; break ;;
    *) echo "bad $1"; exit 2 ;;
  esac
done
echo "$env $dry $tag | $*"
