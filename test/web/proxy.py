#!/usr/bin/env python3
"""A proxy that answers by itself: the world, as files, for tests that name real hosts.

Python 3.7 or newer, standard library only.  It listens on 127.0.0.1 at a port that the system
chooses, prints "port N" when it is ready, and ends when its standard input is closed.

    proxy.py --cert FILE --key FILE --root DIRECTORY

http://HOST/PATH?QUERY is the file DIRECTORY/HOST/PATH?QUERY, or else DIRECTORY/HOST/PATH; a path
that ends with / is called so with "index" behind it.  Where there is PATH.location the answer is a
redirect to what that file says.  What is not there is 404.  For https the tunnel (CONNECT) leads
to ourselves, with the certificate, which has to name the host.
"""

import argparse
import http.server
import os
import socketserver
import ssl
import sys
import threading
import urllib.parse

STARTS = [(b"<?xml", "application/xml; charset=utf-8"), (b"{", "application/json"),
          (b"<!DOCTYPE", "text/html; charset=utf-8"), (b"PK", "application/zip")]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host = None     # that of the tunnel

    def do_CONNECT(self):
        self.send_response(200)
        self.end_headers()
        self.host = self.path.rpartition(":")[0]
        self.request = ARGS.tls.wrap_socket(self.request, server_side=True)
        self.setup()
        self.close_connection = False

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        path = url.path + ("index" if url.path.endswith("/") else "")
        name = os.path.join(ARGS.root, self.host or url.hostname or "", path.lstrip("/"))
        if os.path.exists(name + ".location"):
            with open(name + ".location", encoding="utf-8") as file:
                self.answer(302, b"", [("Location", file.read().strip())])
            return
        for candidate in (name + "?" + url.query, name):
            if os.path.isfile(candidate):
                with open(candidate, "rb") as file:
                    body = file.read()
                kinds = [kind for start, kind in STARTS if body.startswith(start)]
                self.answer(200, body, [("Content-Type", (kinds + ["text/plain; charset=utf-8"])[0])])
                return
        self.answer(404, b"not in this world\n", [("Content-Type", "text/plain")])

    def answer(self, status, body, headers):
        self.send_response(status)
        for header in headers + [("Content-Length", str(len(body)))]:
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(body)

    def finish(self):
        super().finish()
        if self.host:
            self.request.close()

    def log_message(self, *args):
        """Its standard error is the test's."""


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, request, client_address):
        """The other side may leave whenever it likes."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


PARSER = argparse.ArgumentParser(description="a proxy that answers by itself")
PARSER.add_argument("--cert", required=True)
PARSER.add_argument("--key", required=True)
PARSER.add_argument("--root", required=True)
ARGS = PARSER.parse_args()
ARGS.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
ARGS.tls.load_cert_chain(ARGS.cert, ARGS.key)
with Server(("127.0.0.1", 0), Handler) as server:
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    print("port", server.server_address[1], flush=True)
    sys.stdin.buffer.read()
