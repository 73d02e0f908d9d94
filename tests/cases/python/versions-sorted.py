# Comparing version numbers without a library.
import re


def key(version):
    return [int(part) if part.isdigit() else part for part in re.split(r"[.-]", version)]


versions = ["1.10.0", "1.9.3", "2.0.0", "1.9.12"]
print(sorted(versions, key=key), max(versions, key=key))
