mkdir -p a/b; : > a/empty; echo data > a/full; echo x > a/b/deep
find a -type f -empty
find a -type f -size +0 | sort
find a -name b -prune -o -type f -print | sort
find a -maxdepth 1 -newer a/empty -type f | wc -l | tr -d ' '
find a -path '*/b/*'
