shopt -s extglob nullglob
touch keep.txt drop.log drop.tmp other.md
rm -f !(keep.txt|*.md)
echo *
x='  trim me  '
x="${x##+([[:space:]])}"; x="${x%%+([[:space:]])}"
echo "[$x]"
[[ file.tar.gz == *.@(tar.gz|zip) ]] && echo archive
