echo before
exec > >(cat)
echo never
