printf 'one\ntwo\nthree\n' > f
sed -i '/two/i before' f
sed -i '/two/a after' f
sed -i '1s/^/# header\n/' f
sed '$d' f
sed -E 's/(t)(w|h)/\2\1/; 2q' f
