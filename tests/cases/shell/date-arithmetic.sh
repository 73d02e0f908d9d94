date -u -d '2024-02-28 +2 days' +%F
date -u -d '2024-01-31 -1 month' +%F
date -u -d '@86400' '+%Y-%m-%d %H:%M:%S'
start=$(date -u -d 2024-01-01 +%s); end=$(date -u -d 2024-03-01 +%s)
echo $(( (end - start) / 86400 )) days
date -u -d '2024-05-06T07:08:09Z' '+%d/%m/%y %I:%M %p %j %V'
