classify() {
  case "$1" in
    *.tar.gz|*.tgz) echo archive ;;
    [0-9]*) echo number ;;
    prod|production) echo live ;;
    "") echo empty ;;
    *) echo other ;;
  esac
}
for v in a.tgz 12 prod "" zzz b.tar.gz; do classify "$v"; done
