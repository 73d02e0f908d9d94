mkdir -p a/b/c && mkdir a 2>/dev/null; echo "rc $?"
touch -d '2024-01-02 03:04:05 UTC' t; date -u -r t +%FT%T
rmdir a 2>/dev/null || echo "not empty"
rmdir a/b/c && ls a/b | wc -l
