name=value; eval "copy_$name='it is'"; echo "$copy_value"
cmd=(printf '%s|' a 'b c'); "${cmd[@]}"; echo
s="a  b"; echo $s; echo "$s"; set -- $s; echo $#
echo 'single '\''quote'\' "double \"quote\"" $'ansi\tc'
