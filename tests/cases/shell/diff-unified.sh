printf 'a\nb\nc\n' > 1; printf 'a\nB\nc\nd\n' > 2
diff -u 1 2 | tail -n +3
diff -q 1 1 && echo same
diff 1 2 > /dev/null || echo "differ $?"
