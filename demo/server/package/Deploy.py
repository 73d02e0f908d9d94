# Out of the package: what it may touch, the policy says.
from pathlib import Path

print("the package has", ", ".join(sorted(path.name for path in Path("/pkg").iterdir())))
try:
    Path("/pkg/Deploy.py").write_text("changed")
except OSError as error:
    print("and it stays as it is:", error.strerror)
