printf 'X=1\nY="two words"\n' > vars.sh
set -a; . ./vars.sh; set +a
bash -c 'echo "$X $Y"'
source vars.sh && echo "$Y"
