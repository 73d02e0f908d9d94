echo payload > f.bin
sha256sum f.bin > f.sha256
sha256sum -c f.sha256
echo tampered >> f.bin
if ! sha256sum -c --status f.sha256; then echo "checksum mismatch"; fi
printf abc | md5sum | cut -d' ' -f1
printf abc | sha1sum | awk '{print $1}'
