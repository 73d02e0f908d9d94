mkdir -p src/lib
echo 'TODO: a' > src/a.sh; echo 'done' > src/b.sh; echo 'TODO: c' > src/lib/c.txt
grep -rl TODO src | sort
grep -rn --include='*.sh' TODO src
grep -rL TODO src
