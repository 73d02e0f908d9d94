mkdir -p src/sub; echo 1 > src/a; echo 2 > src/sub/b
cp -r src dst; cp -a src/. dst2 2>/dev/null || { mkdir dst2; cp -a src/. dst2; }
find dst dst2 -type f | sort
mv dst moved; [ -d dst ] || echo moved
rm -rf moved dst2; ls
rm missing 2>/dev/null; echo "rc $?"
rm -f missing; echo "rc $?"
