export A=1; B=2
bash -c 'echo "${A:-none} ${B:-none}"'
C=3 bash -c 'echo $C'; echo "${C:-unset}"
env D=4 bash -c 'echo $D'
env -i bash -c 'echo "${A:-clean}"'
unset A; bash -c 'echo "${A:-gone}"'
