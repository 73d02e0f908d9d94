# Packing and unpacking a release, with its modes.
import io
import os
import tarfile

os.makedirs("app/bin", exist_ok=True)
with open("app/bin/start.sh", "w") as file:
    file.write("#!/bin/sh\n")
os.chmod("app/bin/start.sh", 0o755)
with open("app/data.txt", "w") as file:
    file.write("x" * 5000)
os.chmod("app/data.txt", 0o640)
with tarfile.open("app.tar.gz", "w:gz") as archive:
    archive.add("app", arcname="release")
    extra = tarfile.TarInfo("release/VERSION")
    extra.size = 3
    archive.addfile(extra, io.BytesIO(b"1.2"))
with tarfile.open("app.tar.gz") as archive:
    for member in sorted(archive.getmembers(), key=lambda member: member.name):
        print(member.name, oct(member.mode) if member.isfile() else "directory", member.size)
    archive.extractall("out", filter="data")
print(open("out/release/VERSION").read(), os.path.getsize("out/release/data.txt"))
print(oct(os.stat("out/release/bin/start.sh").st_mode & 0o777))
