set -e
build() { echo "building"; false; echo "not reached"; }
echo start
build
echo never
