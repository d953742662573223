#!/usr/bin/env python3
"""The S3 service that the tests archive to: one bucket, in memory, that trusts nobody.

    s3.py [--bucket NAME] [--region NAME] [--access KEY] [--secret KEY] [--token TOKEN]

Python 3.7 or newer, standard library only.  It prints "port N" when it is ready and ends when
its standard input is closed.  Every request's signature is reckoned anew from Amazon's
"Signature Version 4" (canonical request, string to sign, signing key), and the body's SHA-256
with it; what is not signed as it should be is refused with the service's own word for it.
Objects: PUT, GET, HEAD, DELETE; uploads in parts; ListObjectsV2 and ListMultipartUploads, three
at a time with --page 3.

What the test says it is to do wrong, so many times, to requests of a method whose target has
a piece of text in it:

    /control/fault?kind=KIND&times=1&method=PUT&target=TEXT
        500, slowdown, denied, skewed, unknown  that answer
        etag            another ETag than the body's
        reset           the connection is reset in the middle of the body
        lost            it is done, and the connection is reset instead of an answer
        short           the object loses its last byte
        late-error      200, and an error in the body
        hold            waits until /control/release
    /control/state      {"objects": {KEY: {size, etag, sha256 noted, content_sha256}},
                        "uploads": [KEY], "log": [[method, target, status, code]], "held": n}
    /control/object?key=KEY     its bytes
    /control/put?key=KEY        an object of these bytes (the body)
    /control/reset      forgets faults and log
"""

import argparse
import datetime
import hashlib
import hmac
import http.server
import json
import socket
import struct
import sys
import threading
import urllib.parse
from xml.sax.saxutils import escape

NOTHING = hashlib.sha256(b"").hexdigest()
LOCK = threading.Condition()
OBJECTS = {}
UPLOADS = {}
FAULTS = []
LOG = []
HELD = [0]


class Refused(Exception):
    """An answer that is an error: status and code."""


def quote(text):
    return urllib.parse.quote(text, safe="-_.~")


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def expected_signature(handler, scope, signed, stamp):
    """What the request should have been signed with, from the request as it came."""
    path, _, query = handler.path.partition("?")
    pairs = sorted(pair.partition("=")[::2] for pair in query.split("&") if pair)
    canonical_query = "&".join(quote(urllib.parse.unquote(name)) + "=" +
                               quote(urllib.parse.unquote(value)) for name, value in pairs)
    canonical_path = "/".join(quote(urllib.parse.unquote(part)) for part in path.split("/"))
    headers = "".join("%s:%s\n" % (name, " ".join(handler.headers.get(name, "").split()))
                      for name in signed)
    request = "\n".join([handler.command, canonical_path, canonical_query, headers,
                         ";".join(signed), handler.headers.get("x-amz-content-sha256", "")])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, "/".join(scope),
                         hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + ARGS.secret).encode()
    for part in scope:
        key = mac(key, part)
    return mac(key, to_sign).hex()


def check_signature(handler, body):
    word, _, rest = handler.headers.get("authorization", "").partition(" ")
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if word != "AWS4-HMAC-SHA256" or not {"Credential", "SignedHeaders", "Signature"} <= set(fields):
        raise Refused(403, "AccessDenied")
    access, *scope = fields["Credential"].split("/")
    signed = fields["SignedHeaders"].split(";")
    stamp = handler.headers.get("x-amz-date", "")
    if access != ARGS.access:
        raise Refused(403, "InvalidAccessKeyId")
    if scope != [stamp[:8], ARGS.region, "s3", "aws4_request"]:
        raise Refused(400, "AuthorizationHeaderMalformed")
    sent = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ")
    if abs((datetime.datetime.utcnow() - sent).total_seconds()) > 900:
        raise Refused(403, "RequestTimeTooSkewed")
    needed = {"host"} | {name.lower() for name in handler.headers if name.lower().startswith("x-amz-")}
    if signed != sorted(signed) or not needed <= set(signed):
        raise Refused(403, "AccessDenied")
    if (handler.headers.get("x-amz-security-token") or "") != ARGS.token:
        raise Refused(403, "InvalidToken")
    if not hmac.compare_digest(fields["Signature"], expected_signature(handler, scope, signed, stamp)):
        raise Refused(403, "SignatureDoesNotMatch")
    if handler.headers.get("x-amz-content-sha256") != hashlib.sha256(body).hexdigest():
        raise Refused(400, "XAmzContentSHA256Mismatch")


def take_fault(handler):
    with LOCK:
        for fault in FAULTS:
            if fault["times"] > 0 and fault["method"] in ("", handler.command) \
                    and fault["target"] in handler.path:
                fault["times"] -= 1
                return fault["kind"]
    return ""


def md5(body):
    return hashlib.md5(body).hexdigest()


def listing(name, items, truncated):
    return ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            "<IsTruncated>%s</IsTruncated>%s</%s>"
            % (name, "true" if truncated else "false", "".join(items), name)).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def reset(self):
        """RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()
        raise ConnectionResetError

    def answer(self, status, body=b"", headers=(), code=""):
        with LOCK:
            LOG.append([self.command, self.path, status, code])
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name == "Content-Length" for name, _ in headers) and status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status, code):
        body = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>no</Message></Error>"
                % code).encode()
        self.answer(status, body, [("Content-Type", "application/xml")], code)

    def serve(self):
        try:
            length = int(self.headers.get("content-length", 0))
            fault = "" if self.path.startswith("/control/") else take_fault(self)
            if fault == "reset":
                self.rfile.read(length // 2)
                self.reset()
            body = self.rfile.read(length)
            if self.path.startswith("/control/"):
                self.control(body)
            else:
                self.serve_s3(body, fault)
        except Refused as refusal:
            self.refuse(*refusal.args)
        except (ConnectionError, ValueError):
            self.close_connection = True

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = serve

    def serve_s3(self, body, fault):
        check_signature(self, body)
        plain = {"500": (500, "InternalError"), "slowdown": (503, "SlowDown"),
                 "unknown": (501, "NotImplemented"), "denied": (403, "AccessDenied"), "skewed": (403, "RequestTimeTooSkewed")}
        if fault in plain:
            raise Refused(*plain[fault])
        if fault == "hold":
            with LOCK:
                HELD[0] += 1
                LOCK.notify_all()
                LOCK.wait_for(lambda: HELD[0] == 0)
        path, _, query = self.path.partition("?")
        _, bucket, key = (urllib.parse.unquote(path) + "/").split("/", 2)
        key = key[:-1]
        query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        if bucket != ARGS.bucket:
            raise Refused(404, "NoSuchBucket")
        with LOCK:
            if key == "":
                self.serve_bucket(query)
            elif "uploads" in query or "uploadId" in query:
                self.serve_upload(key, query, body, fault)
            else:
                self.serve_object(key, body, fault)

    def serve_bucket(self, query):
        if self.command != "GET":
            raise Refused(405, "MethodNotAllowed")
        if "uploads" in query:
            found = sorted(item for item in UPLOADS.items() if item[1]["key"].startswith(query["prefix"]))
            items = ["<Upload><Key>%s</Key><UploadId>%s</UploadId></Upload>" % (escape(upload["key"]), escape(name))
                     for name, upload in found[:ARGS.page]]
            self.answer(200, listing("ListMultipartUploadsResult", items, len(found) > ARGS.page))
            return
        raise Refused(501, "NotImplemented")

    def store(self, key, body, etag, note, fault):
        if fault == "short":
            body = body[:-1]
        OBJECTS[key] = {"body": body, "etag": etag, "note": note}

    def serve_object(self, key, body, fault):
        if self.command == "PUT":
            etag = md5(body)
            self.store(key, body, etag, self.headers.get("x-amz-meta-sha256", ""), fault)
            if fault == "lost":
                self.reset()
            self.answer(200, headers=[("ETag", '"%s"' % (md5(b"?" + body) if fault == "etag" else etag))])
        elif self.command == "DELETE":
            OBJECTS.pop(key, None)
            self.answer(204)
        elif key not in OBJECTS:
            raise Refused(404, "NoSuchKey")
        else:
            found = OBJECTS[key]
            headers = [("ETag", '"%s"' % found["etag"]), ("Content-Length", str(len(found["body"])))]
            if found["note"]:
                headers.append(("x-amz-meta-sha256", found["note"]))
            self.answer(200, found["body"], headers)

    def serve_upload(self, key, query, body, fault):
        if self.command == "POST" and "uploads" in query:
            name = "id+%d/&=" % (len(UPLOADS) + 1)
            UPLOADS[name] = {"key": key, "parts": {}, "note": self.headers.get("x-amz-meta-sha256", "")}
            self.answer(200, ("<InitiateMultipartUploadResult><UploadId>%s</UploadId>"
                              "</InitiateMultipartUploadResult>" % escape(name)).encode())
            return
        upload = UPLOADS.get(query["uploadId"])
        if upload is None or upload["key"] != key:
            raise Refused(404, "NoSuchUpload")
        if self.command == "PUT":
            etag = md5(body)
            upload["parts"][int(query["partNumber"])] = body
            self.answer(200, headers=[("ETag", '"%s"' % (md5(b"?" + body) if fault == "etag" else etag))])
        elif self.command == "DELETE":
            del UPLOADS[query["uploadId"]]
            self.answer(204)
        else:
            self.complete(key, query["uploadId"], upload, body.decode(), fault)

    def complete(self, key, name, upload, document, fault):
        if fault == "late-error":
            self.answer(200, b"<?xml version=\"1.0\"?><Error><Code>InternalError</Code></Error>")
            return
        parts = [upload["parts"][number] for number in sorted(upload["parts"])]
        named = "".join('<Part><PartNumber>%d</PartNumber><ETag>"%s"</ETag></Part>' % (number, md5(part))
                        for number, part in sorted(upload["parts"].items()))
        if named not in document:
            raise Refused(400, "InvalidPart")
        if any(len(part) < 5 * 1024 * 1024 for part in parts[:-1]):
            raise Refused(400, "EntityTooSmall")
        etag = "%s-%d" % (hashlib.md5(b"".join(hashlib.md5(part).digest() for part in parts)).hexdigest(), len(parts))
        self.store(key, b"".join(parts), etag, upload["note"], fault)
        del UPLOADS[name]
        if fault == "lost":
            self.reset()
        self.answer(200, b"<CompleteMultipartUploadResult><ETag>&quot;%s&quot;</ETag></CompleteMultipartUploadResult>"
                    % etag.encode())

    def control(self, body):
        path, _, query = self.path.partition("?")
        query = dict(urllib.parse.parse_qsl(query))
        command = path[len("/control/"):]
        result = {}
        with LOCK:
            if command == "fault":
                FAULTS.append({"kind": query["kind"], "times": int(query.get("times", 1)),
                               "method": query.get("method", ""), "target": query.get("target", "")})
            elif command == "release":
                HELD[0] = 0
            elif command == "reset":
                del FAULTS[:], LOG[:]
            elif command == "put":
                OBJECTS[query["key"]] = {"body": body, "etag": md5(body), "note": ""}
            elif command == "state":
                result = {"objects": {key: {"size": len(found["body"]), "etag": found["etag"], "note": found["note"],
                                            "sha256": hashlib.sha256(found["body"]).hexdigest()}
                                      for key, found in OBJECTS.items()},
                          "uploads": sorted(upload["key"] for upload in UPLOADS.values()),
                          "log": list(LOG), "held": HELD[0]}
            elif command == "object":
                result = None
            LOCK.notify_all()
        payload = OBJECTS[query["key"]]["body"] if result is None else json.dumps(result).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """The other side may leave whenever it likes."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


PARSER = argparse.ArgumentParser(description="the S3 service that the tests archive to")
PARSER.add_argument("--bucket", default="seau")
PARSER.add_argument("--region", default="us-east-1")
PARSER.add_argument("--access", default="cle-publique")
PARSER.add_argument("--secret", default="cle/secrete+1")
PARSER.add_argument("--token", default="")
PARSER.add_argument("--page", type=int, default=1000)
ARGS = PARSER.parse_args()
SERVER = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=SERVER.serve_forever, args=(0.1,), daemon=True).start()
print("port", SERVER.server_address[1], flush=True)
sys.stdin.buffer.read()
