x=global
outer() { local x=outer; inner; echo "outer sees $x"; }
inner() { echo "inner sees $x"; x=changed; }
outer; echo "$x"
counter() { local -i n=${1:-0}; n+=5; echo $n; }
counter 10
