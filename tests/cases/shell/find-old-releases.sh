mkdir -p releases/{1,2,3,4}
i=0; for r in releases/*; do i=$((i+1)); touch -d "2024-01-0$i" "$r"; done
ls -1dt releases/* | tail -n +3 | xargs -r rm -rf
ls releases
find releases -mindepth 1 -maxdepth 1 -type d | sort
