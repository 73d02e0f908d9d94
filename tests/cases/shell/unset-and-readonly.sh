readonly LOCKED=1
( LOCKED=2 ) 2>/dev/null || echo "cannot assign"
v=1; unset v; echo "${v-unset}"
f() { :; }; unset -f f; type f > /dev/null 2>&1 || echo "no f"
