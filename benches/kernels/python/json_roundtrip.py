# json, as configuration files use it: mostly C in CPython.
import json

document = {
    "services": [
        {"name": f"service-{i}", "port": 8000 + i, "tags": ["a", "b", str(i)], "load": i / 7, "on": i % 2 == 0}
        for i in range(500)
    ]
}
size = 0
for _ in range(300):
    text = json.dumps(document, sort_keys=True)
    size += len(json.loads(text)["services"]) + len(text)
print(size)
