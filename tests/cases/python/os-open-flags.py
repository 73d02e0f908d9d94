# Descriptors, with flags as scripts write them: 0 reads.
import os

fd = os.open("a.txt", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
print(os.write(fd, b"one\ntwo\n"))
os.close(fd)
fd = os.open("a.txt", 0)
print(os.read(fd, 4), os.lseek(fd, 0, os.SEEK_CUR))
os.close(fd)
with open(os.open("a.txt", os.O_RDWR | os.O_APPEND), "r+") as file:
    file.write("three\n")
with open("a.txt", opener=lambda path, flags: os.open(path, flags & ~os.O_CLOEXEC)) as file:
    print(file.read().split())
try:
    os.open("missing", 0)
except FileNotFoundError as error:
    print(error.filename)
