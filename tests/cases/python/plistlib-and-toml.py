# Other configuration formats.
import plistlib
import tomllib

document = tomllib.loads('title = "x"\n[server]\nports = [1, 2]\nwhen = 2024-01-02T03:04:05Z\n[[step]]\nname = "a"\n[[step]]\nname = "b"\n')
print(document["server"]["ports"], document["server"]["when"].isoformat(), [step["name"] for step in document["step"]])
try:
    tomllib.loads("a = \n")
except tomllib.TOMLDecodeError as error:
    print("error", str(error).split(" (")[0])
print(plistlib.loads(plistlib.dumps({"Version": "1.2", "Build": 7})))
