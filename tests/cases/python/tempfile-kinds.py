# Temporary files and directories, gone afterwards.
import os
import tempfile

with tempfile.TemporaryDirectory(prefix="deploy-") as directory:
    path = os.path.join(directory, "a")
    with open(path, "w") as file:
        file.write("x")
    print(os.listdir(directory), os.path.basename(directory).startswith("deploy-"))
print(os.path.exists(directory))
with tempfile.NamedTemporaryFile("w+", suffix=".cfg", delete=False) as file:
    file.write("a=1")
    file.seek(0)
    print(file.read(), file.name.endswith(".cfg"))
os.unlink(file.name)
with tempfile.TemporaryFile() as file:
    file.write(b"abc")
    file.seek(1)
    print(file.read())
with tempfile.SpooledTemporaryFile(max_size=10, mode="w+") as file:
    file.write("longer than ten characters")
    file.seek(0)
    print(len(file.read()))
