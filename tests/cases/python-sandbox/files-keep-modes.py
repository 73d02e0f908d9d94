# Modes set in this run are remembered, and new files have ordinary ones.
import os
import pathlib
import stat

path = pathlib.Path("run.sh")
path.write_text("x")
os.mkdir("d")
print(stat.filemode(path.stat().st_mode), stat.filemode(os.stat("d").st_mode))
path.chmod(0o700)
path.rename("other.sh")
print(stat.filemode(os.stat("other.sh").st_mode), os.umask(0o077))
try:
    os.chmod("missing", 0o600)
except FileNotFoundError as error:
    print(error.filename)
