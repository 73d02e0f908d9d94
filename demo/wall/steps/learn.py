import os
import urllib.request

port = get_octopusvariable("Web.Port")
with urllib.request.urlopen(f"http://127.0.0.1:{os.environ['PORT']}/open/status") as answer:
    with open("/work/status.json", "wb") as file:
        file.write(answer.read())
print("port", port, "and", os.path.getsize("/work/status.json"), "bytes of status")
