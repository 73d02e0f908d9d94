echo 1 > a.txt; echo 2 > b.log; mkdir d; echo 3 > d/c.txt
zip -q -r all.zip . -x '*.log' -x all.zip
unzip -Z1 all.zip | sort
echo changed > a.txt; zip -q all.zip a.txt
unzip -p all.zip a.txt
unzip -qo all.zip -d x && find x -type f | sort
unzip -l missing.zip > /dev/null 2>&1; echo "rc $?"
