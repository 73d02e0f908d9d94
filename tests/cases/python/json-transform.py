# appsettings.json: read, change deep values, write.
import json

settings = json.loads('{"Logging": {"Level": "Info"}, "Db": {"Ports": [1, 2.5, null, true]}, "ü": "\\u00e9"}')
settings["Logging"]["Level"] = "Debug"
settings.setdefault("New", {})["Deep"] = {"x": 1e20}
print(json.dumps(settings, indent=2, sort_keys=True, ensure_ascii=False))
try:
    json.loads('{"a": 1 "b"}')
except json.JSONDecodeError as error:
    print("line", error.lineno, "column", error.colno)
print(json.dumps({"when": set()}, default=lambda value: "set"), json.loads("[1]", parse_int=float))
