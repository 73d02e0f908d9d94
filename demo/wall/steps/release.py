import json
import os
import urllib.error
import urllib.request

base = f"http://127.0.0.1:{os.environ['PORT']}"
with urllib.request.urlopen(f"{base}/repos/acme/web/releases") as answer:
    print("allowed:", json.load(answer))
try:
    urllib.request.urlopen(f"{base}/repos/other")
except urllib.error.URLError as error:
    print("refused:", error.reason)
