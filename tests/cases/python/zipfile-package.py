# A package: made, listed, read, extracted, checked.
import io
import os
import zipfile

os.makedirs("src/sub", exist_ok=True)
for name, text in (("src/a.txt", "aaa"), ("src/sub/b.txt", "b" * 10000)):
    with open(name, "w") as file:
        file.write(text)
os.chmod("src/a.txt", 0o644)
with zipfile.ZipFile("package.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    for directory, _, files in sorted(os.walk("src")):
        for name in sorted(files):
            path = os.path.join(directory, name)
            archive.write(path, os.path.relpath(path, "src"))
    archive.writestr("version.txt", "1.0")
with zipfile.ZipFile("package.zip") as archive:
    for info in archive.infolist():
        print(info.filename, info.file_size, info.compress_size < info.file_size or info.file_size < 100)
    print(archive.testzip(), archive.read("version.txt"), oct(archive.getinfo("a.txt").external_attr >> 16))
    archive.extractall("out")
print(sorted(os.listdir("out")), zipfile.is_zipfile("package.zip"), zipfile.is_zipfile("src/a.txt"))
try:
    zipfile.ZipFile(io.BytesIO(b"not a zip"))
except zipfile.BadZipFile as error:
    print("error:", error)
