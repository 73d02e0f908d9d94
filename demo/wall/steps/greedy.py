import urllib.request

try:
    open("/srv/production/credentials.json")
except PermissionError as error:
    print("as expected:", error)
urllib.request.urlopen("https://api.github.com/repos/acme/web")
