mkdir -p 'dir one' two
touch 'dir one/a b.txt' two/c.txt two/d.md
find . -type f -name '*.txt' -print0 | sort -z | xargs -0 -n1 echo "file:"
find . -name '*.md' -exec sh -c 'echo "md $1"' _ {} \;
find . -type f -exec basename {} \; | sort
find . -type f ! -name '*.txt' -delete
find . -type f | wc -l
