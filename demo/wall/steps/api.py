"""An API on loopback for the demo: answers only those who carry the token. Not part of Seawall."""
import http.server
import json


class Api(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        token = self.headers.get("Authorization", "")
        allowed = token == "Bearer token-that-stays-outside" or self.path.startswith("/open")
        body = json.dumps({"path": self.path, "authorised": allowed, "you_sent": token}).encode()
        self.send_response(200 if allowed else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
with open("port", "w") as file:
    file.write(str(server.server_port))
server.serve_forever()
