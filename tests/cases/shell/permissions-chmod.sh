touch a; chmod 640 a; stat -c %a a
chmod u+x,o=r a; stat -c '%a %A' a
mkdir -p d/e; touch d/e/f; chmod -R 755 d; stat -c %a d/e/f
install -m 600 a b; stat -c %a b
