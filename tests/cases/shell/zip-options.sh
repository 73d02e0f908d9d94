export TZ=UTC
printf 'hello hello hello hello hello hello hello\n' > a.txt; echo hi > b.txt; mkdir d; echo x > d/c; ln -s b.txt l; chmod 755 b.txt
touch -d '2024-05-06 07:08:10' a.txt b.txt d/c d
zip x.zip a.txt b.txt d d/c; echo "rc $?"
zip -ry y.zip a.txt b.txt d l
unzip -l y.zip a.txt d/c; unzip -v y.zip a.txt 'd/*'
unzip -o y.zip -x 'd/*' -d out; readlink out/l; [ -x out/b.txt ] && echo executable
echo nope > bad.zip; zip bad.zip a.txt > errors 2>&1; echo "rc $?"; cat bad.zip
unzip -t y.zip a.txt; unzip -tq y.zip; unzip -tqq y.zip
zip -u x.zip a.txt; echo "rc $?"
echo 1 > new.txt; zip -u x.zip a.txt new.txt; zip -f x.zip b.txt; echo "rc $?"
touch -d '2030-01-01' b.txt; zip -f x.zip b.txt; zip -f x.zip d/c; echo "rc $?"
zip -d x.zip b.txt; zip -d x.zip none > errors 2>&1; echo "rc $?"; unzip -Z1 x.zip
zip -T x.zip a.txt; zip -Dr z.zip d/c d; zip -0 w.zip a.txt; zip -q - d/c > s.zip; unzip -Z1 s.zip
zip -j j.zip d/c; zip -m m.zip new.txt; ls new.txt 2> errors || echo moved
unzip -n y.zip a.txt -d out; unzip -u y.zip a.txt -d out; rm out/a.txt; unzip -f y.zip a.txt -d out; unzip -u y.zip a.txt -d out
unzip -C -o y.zip A.TXT -d cases; unzip -jo y.zip d/c -d flat; unzip -c y.zip b.txt
unzip -o y.zip a.txt nomatch -d some 2> errors; echo "rc $?"; cat errors; unzip -ql y.zip nomatch; echo "rc $?"
unzip -oDDq y.zip b.txt -d untimed; [ untimed/b.txt -nt a.txt ] && echo fresh
touch -d '1970-01-02' ancient.txt; zip -q old.zip ancient.txt; unzip -ql old.zip
mkdir -p abbcd; touch abbcd/e.log abbcd/xe.log abbcd/f.txt; zip -q p.zip abbcd/e.log abbcd/xe.log abbcd/f.txt
zip -d p.zip 'a*c?/?.log'; unzip -Z1 p.zip; unzip -Z1 p.zip '*c*x*'
touch -d '2024-05-06 07:08:11' odd.txt; zip -q odd.zip odd.txt; zip -qX even.zip odd.txt; unzip -qo odd.zip -d odd; stat -c %Y odd/odd.txt; unzip -qo even.zip -d even; stat -c %Y even/odd.txt
