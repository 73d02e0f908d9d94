x=1; cd /tmp
( x=2; cd /; echo "in $x $PWD" )
echo "out $x $PWD"
{ x=3; }
echo "$x"
y=$(x=4; echo $x); echo "$x $y"
