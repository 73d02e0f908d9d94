# The environment: defaults, changes, expansion.
import os

os.environ["STAGE"] = "prod"
print(os.environ.get("STAGE"), os.environ.get("SEAWALL_NOT_SET", "default"), os.getenv("SEAWALL_NOT_SET"))
print(os.path.expandvars("$STAGE/${STAGE}/$SEAWALL_NOT_SET"))
del os.environ["STAGE"]
try:
    os.environ["STAGE"]
except KeyError as error:
    print("missing", error)
