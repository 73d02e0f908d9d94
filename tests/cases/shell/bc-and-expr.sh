echo "10 / 4" | bc
echo "scale=2; 10 / 4" | bc
expr 3 + 4
expr "release-12" : 'release-\([0-9]*\)'
[ "$(echo "1.5 > 1.2" | bc)" -eq 1 ] && echo greater
