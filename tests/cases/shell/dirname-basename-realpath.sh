p=/a/b/c.tar.gz
dirname "$p"; basename "$p"; basename "$p" .tar.gz
mkdir -p x/y; (cd x/y && [ "$(realpath ../..)" = "$(cd ../.. && pwd -P)" ] && echo up)
realpath --relative-to=x x/y
