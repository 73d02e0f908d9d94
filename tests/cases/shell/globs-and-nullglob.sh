touch b1.txt a2.txt 'c 3.txt' .hidden
for f in *.txt; do echo "<$f>"; done
shopt -s nullglob
for f in *.none; do echo never; done
shopt -s dotglob; echo *
shopt -u dotglob; echo [ab]*
