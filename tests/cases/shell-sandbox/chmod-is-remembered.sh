cd /work
printf 'echo plain\n' > a.sh
[ -x a.sh ] || echo "not executable"
./a.sh 2>/dev/null; echo "rc $?"
chmod +x a.sh; ./a.sh
printf '#!/bin/bash\necho marked\n' > b.sh
[ -x b.sh ] && ./b.sh
cp a.sh c.sh; mv c.sh d.sh; ./d.sh
rm a.sh b.sh d.sh
