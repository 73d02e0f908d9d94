stamp=$(date -u -d '2024-12-31 23:59:58' +%Y%m%d%H%M%S)
echo "release-$stamp"
date -u -d '2024-12-31 23:59:58 +3 seconds' --iso-8601=seconds
[[ $(date +%Y) -ge 2024 ]] && echo sane
