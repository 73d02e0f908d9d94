# Taking addresses and pages apart.
import html
import html.parser
import ipaddress
import urllib.parse

url = urllib.parse.urlsplit("https://user@example.com:8443/a%20b/c?x=1&x=2&y=%C3%BC#top")
print(url.hostname, url.port, url.path, urllib.parse.parse_qs(url.query), url.fragment)
print(urllib.parse.urljoin("https://e.com/a/b", "../c"), urllib.parse.quote("ä b/c"), urllib.parse.urlencode({"q": "a&b", "n": [1, 2]}, doseq=True))
print(html.escape('<a href="x">'), html.unescape("&lt;&eacute;&#33;"))


class Links(html.parser.HTMLParser):
    def handle_starttag(self, tag, attrs):
        if tag == "a":
            print("link", dict(attrs)["href"])


Links().feed('<p><a href="/one">1</a><A HREF="/two">2</A></p>')
network = ipaddress.ip_network("10.20.0.0/22")
print(network.num_addresses, ipaddress.ip_address("10.20.3.7") in network, ipaddress.ip_address("::1").is_loopback)
