mkdir -p pkg-1.0/{src,tmp}
echo s > pkg-1.0/src/a; echo t > pkg-1.0/tmp/b; echo l > pkg-1.0/x.log
tar -cf p.tar --exclude='*.log' --exclude=pkg-1.0/tmp pkg-1.0
tar -tf p.tar | sort
mkdir d && tar -xf p.tar --strip-components=1 -C d && find d -type f
