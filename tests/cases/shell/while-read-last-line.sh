printf 'a\nb' > nonl
while IFS= read -r l || [ -n "$l" ]; do echo "got $l"; done < nonl
wc -l < nonl | tr -d ' '
