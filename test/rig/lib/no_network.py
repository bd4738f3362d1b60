"""Stands where neutron would: every list is empty, nothing can be made. For nova's server views."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class NoNetwork(BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.split("?")[0].rstrip("/").rpartition("/")[2]
        is_list = self.path.startswith("/v2.0/") and self.path.count("/") == 2
        if is_list:
            self.answer(200, {name.replace("-", "_"): []})
        else:
            self.refuse()

    def refuse(self):
        error = {"type": "HTTPNotFound", "message": "There is no network here.", "detail": ""}
        self.answer(404, {"NeutronError": error})

    do_POST = do_PUT = do_DELETE = refuse

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *words):
        """Says nothing: nova asks many times a minute."""


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), NoNetwork).serve_forever()
