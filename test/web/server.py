#!/usr/bin/env python3
"""The web server that the tests collect from.

Python 3.7 or newer, standard library only.  It listens on 127.0.0.1 at a port
that the system chooses, prints "port N" when it is ready (then "tls_port N", with
--cert), serves every request in a thread, and ends when its standard input is
closed: it cannot outlive the test that started it.

    server.py [--bind ADDRESS ...] [--root DIRECTORY] [--cert FILE --key FILE] [--sni DIRECTORY]

--bind adds loopback addresses (127.0.0.2, ...) at the same port; --root is
what /files/ serves; --cert and --key open a second port that speaks TLS; who asks
there for a host NAME of which --sni has NAME.pem, a key with a certificate, is
shown that; the name "ferme.test" has the connection closed on it in the handshake.

What a path does (query parameters in brackets, with their defaults):

  feeds
    /feed/N [items=40]      RSS 2.0, the same bytes for the same N and items; ETag and
                            Last-Modified, which conditional requests are held against
    /noval/feed [n, items]  the same without validators
    /etag404 [n, items]     a feed with an ETag that answers 404 to a conditional request
    /latin1                 RSS in ISO-8859-1, declared in the XML
    /charset/NAME [header=1] RSS in that encoding; header=0 does not say so in Content-Type
    /broken                 XML that ends in the middle of an element
    /bareamp                RSS with bare ampersands
    /files/PATH             a file under --root: ETag, Last-Modified, Content-Type by
                            suffix; a file PATH.headers adds or replaces header lines; the
                            end of one where a request has Range: bytes=-N
  statuses
    /status/CODE [retry_after, body]    Retry-After as given, once or more
    /retry-date/CODE [seconds=120, form=imf]    Retry-After as a date that far ahead, in the
                            form imf, rfc850 or asctime (RFC 9110, 5.6.7)
    /gone                   410
    /flaky/K/ID [status=503, then=/feed/1]  fails K times for that ID, then serves
    /auth [user, password]  401 unless Basic credentials match; then a feed
  redirects
    /redirect [to, code=302]            Location: to, as it stands
    /moved-permanently [to=/feed/1]     301
    /chain/N [code=302]     N redirects, then /feed/1
    /loop                   to itself
  trouble on the way: faults.py, and
    /slow [seconds=10, then=/feed/1]    waits, then serves
    /gzip/PATH              the answer of /PATH, compressed
  conditions instead of sleeps
    /held/NAME [then=/feed/1]           waits until released (or reset)

Control, from the test; every answer is JSON:

    /control/set?path=/x [host, status=200, body, type, header=Name:Value ..., times, slow]
                            what /x answers from now on, or the next times times; for all hosts
                            or for one, with its port
    /control/release [name] lets go those who wait at /held/NAME, or at all, for ever
    /control/hold [name]    takes that back
    /control/waiting        how many wait in /held/, by name
    /control/latency?ms=100 every answer waits so long first
    /control/log            {"requests": [{method, path, target, host, address, headers,
                            body, time, status, active}], "max_active": {HOST: n}, "connections": n}:
                            active is how many of the same host were being served
    /control/reset          forgets all of the above
"""

import argparse
import base64
import collections
import email.utils
import gzip
import hashlib
import json
import mimetypes
import os
import socket
import socketserver
import ssl
import struct
import sys
import threading
import time
import urllib.parse

import faults
from documents import EPOCH, RSS, feed, small_feed

REASONS = {200: "OK", 301: "Moved Permanently", 302: "Found", 304: "Not Modified",
           404: "Not Found", 410: "Gone", 429: "Too Many Requests",
           503: "Service Unavailable"}
LOG_SIZE = 50000


class State:
    """What the tests have set and what the server has seen; one lock for all."""

    def __init__(self):
        self.changed = threading.Condition()
        self.connections = 0
        self.reset()

    def reset(self):
        with self.changed:
            self.log = collections.deque(maxlen=LOG_SIZE)
            self.active = collections.Counter()
            self.max_active = collections.Counter()
            self.failures = collections.Counter()
            self.answers = {}
            self.latency = 0.0
            self.waiting = collections.Counter()
            self.released = set()
            self.generation = getattr(self, "generation", 0) + 1
            self.changed.notify_all()

    def enter(self, entry):
        """A request is being served from here to leave()."""
        with self.changed:
            host = entry["host"]
            self.active[host] += 1
            self.max_active[host] = max(self.max_active[host], self.active[host])
            entry["active"] = self.active[host]
            self.log.append(entry)
            return self.generation

    def leave(self, entry, generation):
        with self.changed:
            if generation == self.generation:
                self.active[entry["host"]] -= 1

    def hold(self, name):
        """Waits until the name is released, or all is forgotten."""
        with self.changed:
            generation = self.generation
            self.waiting[name] += 1
            self.changed.notify_all()
            self.changed.wait_for(
                lambda: {name, "*"} & self.released or generation != self.generation)
            if generation == self.generation:
                self.waiting[name] -= 1


STATE = State()


class Closed(Exception):
    """The connection is to be closed; nothing more is to be said on it."""


class Request:
    def __init__(self, method, target, headers, address):
        if target.startswith(("http://", "https://")):      # asked as a proxy
            path = "/" + target.split("://", 1)[1].partition("/")[2]
        else:
            path = target
        self.method = method
        self.target = target
        self.path, _, query = path.partition("?")
        self.query = urllib.parse.parse_qs(query, keep_blank_values=True) if query else {}
        self.headers = headers
        self.address = address
        self.host = headers.get("host", "")

    def get(self, name, default=""):
        return self.query.get(name, [default])[0]

    def integer(self, name, default):
        return int(self.get(name, default))


class Handler(socketserver.StreamRequestHandler):
    """Speaks HTTP/1.1, and breaks it where a path says so."""

    timeout = 300
    disable_nagle_algorithm = True
    wbufsize = -1

    def handle(self):
        with STATE.changed:
            STATE.connections += 1
        self.compress = False
        try:
            while self.serve_one():
                pass
        except (Closed, OSError, ValueError):
            pass

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass

    def serve_one(self):
        request = self.read_request()
        if request is None:
            return False
        if request.path.startswith("/control/"):
            control(self, request)
        else:
            entry = {"method": request.method, "path": request.path, "target": request.target,
                     "host": request.host, "address": self.request.getsockname()[0],
                     "headers": request.headers, "body": request.body, "time": time.time(),
                     "status": 0}
            generation = STATE.enter(entry)
            self.entry = entry
            try:
                if STATE.latency:
                    time.sleep(STATE.latency)
                self.compress = False
                serve(self, request, request.path)
            finally:
                STATE.leave(entry, generation)
        self.wfile.flush()
        return request.headers.get("connection", "").lower() != "close"

    def read_request(self):
        if self.rfile.peek(1)[:1] == b"\x16":       # TLS, where we speak none
            self.answer(400, b"plain HTTP only\n")
            self.close()
        line = self.rfile.readline(65537)
        words = line.decode("latin-1").split()
        if len(words) != 3:
            return None
        headers = {}
        while True:
            line = self.rfile.readline(65537)
            if line in (b"\r\n", b"\n", b""):
                break
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        request = Request(words[0], words[1], headers, self.client_address[0])
        request.body = self.rfile.read(length).decode("utf-8", "replace") if length else ""
        return request

    # What a behaviour says

    def head(self, status, headers):
        if hasattr(self, "entry"):
            self.entry["status"] = status
        lines = ["HTTP/1.1 %d %s" % (status, REASONS.get(status, "Status"))]
        lines += ["%s: %s" % pair for pair in headers]
        self.wfile.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def answer(self, status, body=b"", kind="text/plain", headers=()):
        if self.compress and body:
            body = gzip.compress(body, 6)
            headers = list(headers) + [("Content-Encoding", "gzip")]
        if status == 304 or status < 200:
            self.head(status, headers)
            return
        self.head(status, [("Content-Type", kind), ("Content-Length", len(body))] + list(headers))
        self.wfile.write(body)

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def abort(self):
        """Closes with a reset instead of an end."""
        self.wfile.flush()
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.request.close()
        raise Closed

    def close(self):
        self.wfile.flush()
        raise Closed


def conditional(h, request, body, kind, modified, headers=()):
    """200 with validators, or 304 where the request holds them already (RFC 9110, 13.2)."""
    etag = '"%s"' % hashlib.md5(body).hexdigest()
    stamp = email.utils.formatdate(modified, usegmt=True)
    asked = request.headers.get("if-none-match")
    headers = [("ETag", etag), ("Last-Modified", stamp)] + list(headers)
    if asked is not None:
        same = asked == "*" or etag in [tag.strip().replace("W/", "") for tag in asked.split(",")]
    else:
        same = request.headers.get("if-modified-since") == stamp
    if same:
        h.answer(304, headers=headers)
    else:
        h.answer(200, body, kind, headers)


# Behaviours, by the first word of the path; rest is what follows it.

def on_feed(h, request, rest):
    conditional(h, request, feed(int(rest), request.integer("items", 40), request.integer("first", 0)),
                RSS, EPOCH)


def on_noval(h, request, rest):
    h.answer(200, feed(request.integer("n", 1), request.integer("items", 40)), RSS)


def on_etag404(h, request, rest):
    if "if-none-match" in request.headers:
        h.answer(404, b"no\n")
    else:
        on_feed(h, request, request.get("n", "1"))


def on_latin1(h, request, rest):
    h.answer(200, small_feed("Été à la plage", "iso-8859-1"), "application/xml")


def on_charset(h, request, rest):
    kind = "application/xml"
    if request.integer("header", 1):
        kind += "; charset=" + rest
    h.answer(200, small_feed("Été à la plage", rest), kind)


def on_broken(h, request, rest):
    h.answer(200, feed(1, 3)[:-600], RSS)


def on_bareamp(h, request, rest):
    h.answer(200, small_feed("Marks & Spencer & fils"), RSS)


def on_files(h, request, rest):
    root = os.path.realpath(ARGS.root or os.devnull)
    name = os.path.realpath(os.path.join(root, urllib.parse.unquote(rest)))
    if not name.startswith(root + os.sep) or not os.path.isfile(name):
        h.answer(404, b"no such file\n")
        return
    with open(name, "rb") as file:
        body = file.read()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = []
    if os.path.exists(name + ".headers"):
        with open(name + ".headers", encoding="latin-1") as file:
            for line in file:
                key, _, value = line.strip().partition(":")
                if key.lower() == "content-type":
                    kind = value.strip()
                elif key:
                    headers.append((key, value.strip()))
    ending = request.headers.get("range", "")
    if ending.startswith("bytes=-") and 0 < int(ending[7:]) < len(body):
        start = len(body) - int(ending[7:])
        headers.append(("Content-Range", "bytes %d-%d/%d" % (start, len(body) - 1, len(body))))
        h.answer(206, body[start:], kind, headers)
    else:
        conditional(h, request, body, kind, os.path.getmtime(name), headers)


def on_status(h, request, rest):
    headers = [("Retry-After", value) for value in request.query.get("retry_after", [])]
    h.answer(int(rest), request.get("body", "status\n").encode(), headers=headers)


def on_retry_date(h, request, rest):
    form = {"imf": "%a, %d %b %Y %H:%M:%S GMT", "rfc850": "%A, %d-%b-%y %H:%M:%S GMT",
            "asctime": "%a %b %d %H:%M:%S %Y"}[request.get("form", "imf")]
    date = time.strftime(form, time.gmtime(time.time() + request.integer("seconds", 120)))
    h.answer(int(rest), b"later\n", headers=[("Retry-After", date)])


def on_gone(h, request, rest):
    h.answer(410, b"gone\n")


def on_flaky(h, request, rest):
    times = int(rest.split("/")[0])
    with STATE.changed:
        failed = STATE.failures[rest]
        STATE.failures[rest] += 1
    if failed < times:
        h.answer(request.integer("status", 503), b"not yet\n")
    else:
        serve(h, request, request.get("then", "/feed/1"))


def on_auth(h, request, rest):
    pair = "%s:%s" % (request.get("user"), request.get("password"))
    expected = "Basic " + base64.b64encode(pair.encode()).decode()
    if request.headers.get("authorization") == expected:
        on_feed(h, request, "1")
    else:
        h.answer(401, b"who?\n", headers=[("WWW-Authenticate", 'Basic realm="test"')])


def on_redirect(h, request, rest):
    h.answer(request.integer("code", 302), b"there\n", headers=[("Location", request.get("to"))])


def on_moved_permanently(h, request, rest):
    h.answer(301, headers=[("Location", request.get("to", "/feed/1"))])


def on_chain(h, request, rest):
    left = int(rest)
    code = request.integer("code", 302)
    to = "/feed/1" if left <= 1 else "/chain/%d?code=%d" % (left - 1, code)
    h.answer(code, headers=[("Location", to)])


def on_loop(h, request, rest):
    h.answer(302, headers=[("Location", "/loop")])


def on_slow(h, request, rest):
    time.sleep(float(request.get("seconds", "10")))
    serve(h, request, request.get("then", "/feed/1"))


def on_gzip(h, request, rest):
    h.compress = True
    serve(h, request, "/" + rest)


def on_held(h, request, rest):
    h.wfile.flush()
    STATE.hold(rest)
    serve(h, request, request.get("then", "/feed/1"))


BEHAVIOURS = {name[3:].replace("_", "-"): function
              for name, function in [*vars(faults).items(), *globals().items()]
              if name.startswith("on_")}


def serve(h, request, path):
    """Answers the path: as the test has set it, else by its first word."""
    with STATE.changed:
        keys = [request.host + path, request.target] if path == request.path else []
        key = next((key for key in keys if key in STATE.answers), path)
        answer = STATE.answers.get(key)
        if answer and answer["times"] is not None:
            answer["times"] -= 1
            if answer["times"] <= 0:
                del STATE.answers[key]
    if answer:
        time.sleep(answer["slow"])
        h.answer(answer["status"], answer["body"], answer["type"], answer["headers"])
        return
    path, _, query = path.partition("?")
    if query:
        request.query = urllib.parse.parse_qs(query, keep_blank_values=True)
    word, _, rest = path[1:].partition("/")
    behaviour = BEHAVIOURS.get(word)
    if behaviour is None:
        h.answer(404, b"no such behaviour\n")
    else:
        behaviour(h, request, rest)


# Control

def control(h, request):
    command = request.path[len("/control/"):]
    result = {}
    if command == "reset":
        STATE.reset()
    with STATE.changed:
        if command == "set":
            times = request.get("times")
            STATE.answers[request.get("host") + request.get("path")] = {
                "status": request.integer("status", 200),
                "body": request.get("body").encode(),
                "type": request.get("type", RSS),
                # as UTF-8, which head() writes byte by byte
                "headers": [tuple(part.strip().encode().decode("latin-1")
                                  for part in line.split(":", 1))
                            for line in request.query.get("header", [])],
                "times": int(times) if times else None,
                "slow": float(request.get("slow", "0"))}
        elif command == "release":
            STATE.released.add(request.get("name", "*"))
        elif command == "hold":
            STATE.released.discard(request.get("name", "*"))
        elif command == "latency":
            STATE.latency = float(request.get("ms", "0")) / 1000
        elif command == "waiting":
            result = dict(STATE.waiting)
        elif command == "log":
            result = {"requests": list(STATE.log), "max_active": dict(STATE.max_active),
                      "connections": STATE.connections}
        elif command != "reset":
            result = {"error": "no such command"}
        STATE.changed.notify_all()
    h.compress = False
    h.answer(404 if "error" in result else 200, json.dumps(result).encode(), "application/json")


# The sockets

class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 1024
    tls = None

    def process_request_thread(self, request, client_address):
        if self.tls:
            try:
                request = self.tls.wrap_socket(request, server_side=True)
            except (OSError, ValueError):
                request.close()
                return
        super().process_request_thread(request, client_address)

    def handle_error(self, request, client_address):
        """The other side may leave whenever it likes."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def listen(addresses):
    """Servers at all addresses and one port, which is free at each of them."""
    for _ in range(100):
        servers = [Server((addresses[0], 0), Handler)]
        port = servers[0].server_address[1]
        try:
            for address in addresses[1:]:
                servers.append(Server((address, port), Handler))
            return servers
        except OSError:
            for server in servers:
                server.server_close()
    raise SystemExit("no port is free at all addresses")


def start(servers, word, tls=None):
    for server in servers:
        server.tls = tls
        threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    print(word, servers[0].server_address[1], flush=True)


def show_other(directory):
    """The callback that shows another certificate where the directory has the name's."""
    def choose(connection, name, _):
        if name == "ferme.test":
            socket.socket.shutdown(connection, socket.SHUT_WR)
            return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR     # which does not get out any more
        file = os.path.join(directory, (name or "") + ".pem")
        if os.path.exists(file):
            other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            other.set_ciphers("DEFAULT:@SECLEVEL=0")    # whoever asks is to refuse what is weak
            other.load_cert_chain(file)
            connection.context = other
        return None
    return choose


def main():
    start(listen(["127.0.0.1"] + ARGS.bind), "port")
    if ARGS.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(ARGS.cert, ARGS.key)
        if ARGS.sni:
            context.sni_callback = show_other(ARGS.sni)
        start(listen(["127.0.0.1"] + ARGS.bind), "tls_port", context)
    sys.stdin.buffer.read()


PARSER = argparse.ArgumentParser(description="the web server that the tests collect from")
PARSER.add_argument("--bind", nargs="*", default=[], metavar="ADDRESS")
PARSER.add_argument("--root")
PARSER.add_argument("--cert")
PARSER.add_argument("--key")
PARSER.add_argument("--sni", metavar="DIRECTORY")
ARGS = PARSER.parse_args()
main()
