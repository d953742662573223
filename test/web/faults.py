"""The faults that the web server of the tests has to offer, by path (see server.py).

  silence
    /hang                   no answer, until the other side gives up
    /hang-head              half a header, so long
    /stall [bytes=1000]     half a body, so long
    /drip [interval=0.1, bytes=1000, length=1]  a body, a byte at a time; length=0 does not
                                        say how long it will be
    /drip-head [interval=0.1]           a header that never ends, a byte at a time
  ends
    /silent                 closes without an answer
    /reset                  resets the connection before an answer
    /cut-head, /reset-head  closes, or resets, inside the header
    /truncated              closes after half of the announced body
    /reset-body             resets in the middle of the body
    /reset-chunk            resets in the middle of a chunk
    /chunked-cut            closes inside a chunked body
  lengths
    /length [is]            a feed of another Content-Length, of several, of nonsense
    /chunk-size [is]        a feed in a chunk of another size
    /announce [bytes]       announces that many bytes, sends none
    /huge [mb=1000]         chunked; endless where mb=0
  headers
    /headers [n=1000, size=20]          a flood of header lines, endless where n=0
    /header-line [size=200000]          one long header line, endless where size=0
    /etag [size=1048576]    a feed with an ETag of that size
    /interim [n=5, status=103]          1xx answers first, endless where n=0
    /trailers [n=3]         fields after a chunked body, endless where n=0
    /badheader [name=ETag]  a header value that is not ASCII
    /raw-header [is, status=200]        a header line of those bytes, in hexadecimal
  other protocols
    /garbage                answers something that is not HTTP
    /http09                 a feed without a header
    /version [is]           a feed with that for a status line
  encodings
    /badgzip [coding=gzip]  says it is compressed, is not
    /coding/NAME            cut, cut-end, cut-sum, members, sum (of a wrong one), tail, twice, many,
                            raw, identity, unknown
    /bomb [mb=1000, coding=gzip]        that many megabytes of zeros, compressed: gzip, deflate,
                            "gzip, gzip", zstd; br of 256 MB
  contents
    /title [mb=100]         a feed with a title of that size
    /quote [mb=20]          a table of CSV whose second row begins a quote that does not end
    /archive/NAME           a zip file of a table: zip; bomb (of a GB), lies (the same, said to be
                            small), nested (in another), overlap (a thousand names for the same
                            bytes), members (20,000 of them), outside (a name that leads
                            elsewhere), cut; gz, a gzip file of a GB
  behaviour
    /turn/ID [to]           a feed the first time for that ID, then a redirect
    /cookie                 a feed with cookies; 500 for who brings one
    /challenge [status=401, is]         WWW-Authenticate; a feed for who brings anything
"""

import base64
import functools
import gzip
import itertools
import struct
import threading
import time
import zlib

from documents import RSS, feed

# 256 MB of zeros.
BROTLI_BOMB = base64.b64decode(
    "z///f/gnAOKxQCD3/p/////wTwDEYQGA7v0/////4Z8AiMMiAN37f/7//8M/ARCHBQC69//8//+HfwIgDgsAdO//+f//"
    "D/8EQBwWAOje//P//x/+CYA4LADQvf/n//8//BMAcVgAoHv/z///f/gnAOKwAED3/p/////wTwDEYQGA7v0/////4Z8A"
    "iMMCAN37f/7//8M/ARCHBQC69//8//+HfwIgDgsAdO//+f//D/8EQBwWAOje//P//x/+CYA4LADQvf/P//9//BMAcVgA"
    "oHv/Dw==")

TURNED = set()
TURNED_LOCK = threading.Lock()


def counted(n):
    """The numbers up to n; 0: without end."""
    return range(n) if n else itertools.count()


def zstd_bomb(megabytes):
    """A frame (RFC 8878) of blocks that each say: this byte, 128 kB of it."""
    yield b"\x28\xb5\x2f\xfd" + b"\x00" + b"\x50"      # no checksum, no size; a window of 1 MB
    block = struct.pack("<I", 1 << 1 | 131072 << 3)[:3] + b"\0"
    for _ in range(megabytes):
        yield block * 8
    yield struct.pack("<I", 1 | 1 << 1)[:3] + b"\0"


def deflate_bomb(megabytes, window):
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    zeros = bytes(1 << 20)
    for _ in range(megabytes):
        yield packer.compress(zeros)
    yield packer.flush()


def bomb(coding, megabytes):
    """Pieces, none of them empty, of what unpacks to that many megabytes of zeros."""
    if coding == "br":
        pieces = [BROTLI_BOMB]
    elif coding == "zstd":
        pieces = zstd_bomb(megabytes)
    elif coding == "gzip, gzip":
        pieces = [gzip.compress(b"".join(deflate_bomb(megabytes, 31)))]
    else:
        pieces = deflate_bomb(megabytes, 31 if coding == "gzip" else 15)
    return filter(None, pieces)


def on_hang(h, request, rest):
    h.wfile.flush()
    h.rfile.read(1)     # returns when the other side closes
    h.close()


def on_hang_head(h, request, rest):
    h.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/pl")
    on_hang(h, request, rest)


def on_stall(h, request, rest):
    half = request.integer("bytes", 1000)
    h.head(200, [("Content-Type", "text/plain"), ("Content-Length", 2 * half)])
    h.wfile.write(b"." * half)
    h.wfile.flush()
    h.rfile.read(1)     # returns when the other side closes
    h.close()


def on_drip(h, request, rest):
    total = request.integer("bytes", 1000)
    told = request.integer("length", 1)
    h.head(200, [("Content-Type", "text/plain"),
                 ("Content-Length", total) if told else ("Connection", "close")])
    for _ in range(total):
        h.wfile.write(b".")
        h.wfile.flush()
        time.sleep(float(request.get("interval", "0.1")))
    if not told:
        h.close()


def on_drip_head(h, request, rest):
    h.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        h.wfile.write(b"x")
        h.wfile.flush()
        time.sleep(float(request.get("interval", "0.1")))


def on_silent(h, request, rest):
    h.close()


def on_reset(h, request, rest):
    h.abort()


def on_cut_head(h, request, rest):
    h.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/pl")
    h.close()


def on_reset_head(h, request, rest):
    h.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/pl")
    h.abort()


def on_truncated(h, request, rest):
    body = feed(1, 40)
    h.head(200, [("Content-Type", RSS), ("Content-Length", len(body))])
    h.wfile.write(body[:len(body) // 2])
    h.close()


def on_reset_body(h, request, rest):
    h.head(200, [("Content-Type", RSS), ("Content-Length", 100000)])
    h.wfile.write(b"." * 1000)
    h.wfile.flush()
    # What was sent must have been read before the reset, which would overtake it.
    time.sleep(0.1)
    h.abort()


def on_reset_chunk(h, request, rest):
    h.head(200, [("Content-Type", RSS), ("Transfer-Encoding", "chunked")])
    h.chunk(feed(1, 5))
    h.wfile.write(b"ffff\r\n" + b"." * 1000)
    h.wfile.flush()
    time.sleep(0.1)     # as above
    h.abort()


def on_chunked_cut(h, request, rest):
    h.head(200, [("Content-Type", RSS), ("Transfer-Encoding", "chunked")])
    h.chunk(feed(1, 5))
    h.close()


def on_length(h, request, rest):
    h.head(200, [("Content-Type", RSS)] +
           [("Content-Length", value) for value in request.query.get("is", [])])
    h.wfile.write(feed(1, 2))
    h.close()


def on_chunk_size(h, request, rest):
    h.head(200, [("Content-Type", RSS), ("Transfer-Encoding", "chunked")])
    h.wfile.write(request.get("is").encode() + b"\r\n" + feed(1, 2) + b"\r\n0\r\n\r\n")
    h.close()


def on_announce(h, request, rest):
    h.head(200, [("Content-Type", "text/plain"), ("Content-Length", request.get("bytes"))])
    h.wfile.flush()
    h.rfile.read(1)
    h.close()


def on_huge(h, request, rest):
    megabytes = request.integer("mb", 1000)
    h.head(200, [("Content-Type", "text/plain"), ("Transfer-Encoding", "chunked")])
    block = b"0123456789abcdef" * 4096
    sent = 0
    while megabytes == 0 or sent < megabytes << 20:
        h.chunk(block)
        sent += len(block)
    h.wfile.write(b"0\r\n\r\n")


def on_headers(h, request, rest):
    filler = "x" * request.integer("size", 20)
    flood = (("X-Flood-%d" % i, filler) for i in counted(request.integer("n", 1000)))
    if request.integer("n", 1000):
        h.answer(200, b"after the flood\n", headers=flood)
    h.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for pair in flood:
        h.wfile.write(("%s: %s\r\n" % pair).encode())


def on_header_line(h, request, rest):
    size = request.integer("size", 200000)
    if size:
        h.answer(200, b"after the line\n", headers=[("X-Long", "x" * size)])
    h.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        h.wfile.write(b"x" * 65536)


def on_etag(h, request, rest):
    h.answer(200, feed(1, 2), RSS, [("ETag", '"%s"' % ("e" * request.integer("size", 1 << 20)))])


def on_interim(h, request, rest):
    for _ in counted(request.integer("n", 5)):
        h.head(request.integer("status", 103), [("ETag", '"early"'), ("Link", "</style.css>")])
    h.answer(200, feed(1, 2), RSS)


def on_trailers(h, request, rest):
    h.head(200, [("Content-Type", RSS), ("Transfer-Encoding", "chunked")])
    h.chunk(feed(1, 2))
    h.wfile.write(b"0\r\n")
    for i in counted(request.integer("n", 3)):
        h.wfile.write(b"ETag: \"late%d\"\r\n" % i)
    h.wfile.write(b"\r\n")


def on_badheader(h, request, rest):
    h.answer(200, feed(1, 2), RSS, [(request.get("name", "ETag"), '"\xe9\xff"')])


def on_raw_header(h, request, rest):
    body = feed(1, 2)
    h.wfile.write(b"HTTP/1.1 %d OK\r\nContent-Length: %d\r\n"
                  % (request.integer("status", 200), len(body)))
    h.wfile.write(bytes.fromhex(request.get("is")) + b"\r\n\r\n" + body)
    h.close()


def on_garbage(h, request, rest):
    h.wfile.write(b"\x00\x01\x02 this is not HTTP\r\n\r\n" * 10)
    h.close()


def on_http09(h, request, rest):
    h.wfile.write(feed(1, 2))
    h.close()


def on_version(h, request, rest):
    body = feed(1, 2)
    h.wfile.write(b"%s\r\nContent-Length: %d\r\n\r\n" % (request.get("is").encode(), len(body)))
    h.wfile.write(body)
    h.close()


def on_badgzip(h, request, rest):
    h.answer(200, b"not compressed at all",
             headers=[("Content-Encoding", request.get("coding", "gzip"))])


def on_coding(h, request, rest):
    body = feed(1, 2)
    packed = gzip.compress(body)
    body, coding = {
        "cut": (packed[:len(packed) // 2], "gzip"),
        "cut-end": (packed[:-1], "gzip"),
        "cut-sum": (packed[:-8], "gzip"),
        "members": (gzip.compress(body[:99]) + gzip.compress(body[99:]), "gzip"),
        "sum": (packed[:-8] + bytes(8), "gzip"),
        "tail": (packed + b"and more", "gzip"),
        "twice": (gzip.compress(packed), "gzip, gzip"),
        "many": (body, ", ".join(["gzip"] * 20)),
        "raw": (zlib.compress(body)[2:-4], "deflate"),
        "identity": (body, "identity"),
        "unknown": (body, "x-nobody-knows"),
    }[rest]
    h.answer(200, body, RSS, [("Content-Encoding", coding)])


def on_bomb(h, request, rest):
    coding = request.get("coding", "gzip")
    h.head(200, [("Content-Type", RSS), ("Content-Encoding", coding),
                 ("Transfer-Encoding", "chunked")])
    for data in bomb(coding, request.integer("mb", 1000)):
        h.chunk(data)
    h.wfile.write(b"0\r\n\r\n")


def flood(h, kind, head, megabytes):
    """A body of that head and so many megabytes, of which no end is seen."""
    h.head(200, [("Content-Type", kind), ("Transfer-Encoding", "chunked")])
    h.chunk(head)
    block = b"0123456789abcdef" * 4096
    for _ in range(megabytes * 16):
        h.chunk(block)
    h.wfile.write(b"0\r\n\r\n")


def on_title(h, request, rest):
    flood(h, RSS, b"<rss version='2.0'><channel><item><title>", request.integer("mb", 100))


def on_quote(h, request, rest):
    flood(h, "text/csv", b"titre,texte\nA,b\nB,\"", request.integer("mb", 20))


@functools.lru_cache(maxsize=None)
def deflated_zeros(megabytes):
    """The head of a table, as many times what a megabyte of zeros deflates to, which ends on a
    byte, and an end."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = packer.compress(b"titre,texte\nA,b\nC,") + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + piece * megabytes + b"\x03\x00"


def zip_file(members, aliases=()):
    """Members: (name, bytes as they are packed, method, said size, said sum); aliases are further
    names for the first one's bytes (APPNOTE 4.3)."""
    body, directory = [], []
    start = 0
    for name, packed, method, size, crc in members:
        common = struct.pack("<HHHHHIIIHH", 20, 0, method, 0, 0, crc, len(packed), size, len(name), 0)
        body += [b"PK\3\4", common, name, packed]
        names = [name] + (list(aliases) if start == 0 else [])
        for other in names:
            directory += [b"PK\1\2\x14\0", common[:-4] + struct.pack("<HH", len(other), 0),
                          struct.pack("<HHHII", 0, 0, 0, 0, start), other]
        start += 30 + len(name) + len(packed)
    directory = b"".join(directory)
    count = len(members) + len(aliases)
    return b"".join(body) + directory + b"PK\5\6" + struct.pack(
        "<HHHHIIH", 0, 0, count, count, len(directory), start, 0)


def stored(name, data):
    return (name, data, 0, len(data), zlib.crc32(data))


@functools.lru_cache(maxsize=None)
def archive(name):
    table = b"titre,texte\nA,archive\n"
    zeros = deflated_zeros(1000)
    whole = (b"0000.csv", zeros, 8, 1000 << 20, 0)     # nobody comes to where the sum is of use
    if name == "zip":
        return zip_file([stored(b"a.csv", table)])
    if name == "bomb":
        return zip_file([whole])
    if name == "lies":
        return zip_file([(b"a.csv", zeros, 8, 10, 0)])
    if name == "nested":
        return zip_file([stored(b"a.csv", archive("bomb"))])
    if name == "overlap":
        return zip_file([whole], [b"%04d.csv" % i for i in range(1, 1000)])
    if name == "members":
        return zip_file([stored(b"%d.csv" % i, table) for i in range(20000)])
    if name == "outside":
        return zip_file([stored(b"../../../etc/cron.d/a.csv", table)])
    if name == "cut":
        return archive("zip")[:60]
    return b"\x1f\x8b\x08\0\0\0\0\0\0\0" + zeros + bytes(8)   # gz


def on_archive(h, request, rest):
    h.answer(200, archive(rest), "application/octet-stream")


def on_turn(h, request, rest):
    with TURNED_LOCK:
        turned = rest in TURNED
        TURNED.add(rest)
    if turned:
        h.answer(302, headers=[("Location", request.get("to"))])
    else:
        h.answer(200, feed(1, 2), RSS, [("Connection", "close")])


def on_cookie(h, request, rest):
    if "cookie" in request.headers:
        h.answer(500, b"I know you\n")
    else:
        h.answer(200, feed(1, 2), RSS,
                 [("Set-Cookie", "known%d=1; Path=/; Max-Age=99999" % i) for i in range(50)])


def on_challenge(h, request, rest):
    if "authorization" in request.headers:
        h.answer(200, feed(1, 2), RSS)
    else:
        h.answer(request.integer("status", 401), b"who?\n",
                 headers=[("WWW-Authenticate", value) for value in request.query.get("is", [])])
