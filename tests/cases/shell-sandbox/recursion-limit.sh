f() { f; }
f
echo never
