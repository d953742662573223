#!/usr/bin/env python3
"""The web as 200_three_months.pl collects it: what it answers follows from the time of day.

Python 3.7 or newer, standard library only; the time may be FakeClock's.  It listens on
127.0.0.1 at a port that the system chooses and prints "port N".  Each line of its input is
a command that is answered by the same line: "down" closes the port, so that connections
are refused, "up" opens it again.  It ends when its input does.

    calendar_site.py PLAN

PLAN is JSON: {"faults": [{path, status, from, to}], "absent": [stamp], "late": {stamp: when},
"mute": [from, to]}, times in seconds since 1970.

    /fil            RSS: a title for each of the last 24 hours; none of those that are mute
    /une            a page that is another one each day (UTC)
    /meteo/weather  a reading every six hours (UTC)
    /semaines.csv   a row for each of the last four weeks
    /gdelt/...      lists and files of slices: an event and a document each, published when
                    the slice's name says, or late, or never
    /crochet        takes what is posted
    /control/posted what was
"""

import argparse
import http.server
import json
import socket
import sys
import tempfile
import threading
import time

import gdelt

HOUR, DAY, WEEK, SLOT = 3600, 86400, 7 * 86400, 900
KEPT_HOURS = 24
STREAMS = ("export", "gkg")
RSS = "application/rss+xml; charset=utf-8"
READING = {"coord": {"lon": 2.3488, "lat": 48.8534}, "weather": [{"main": "Clouds", "description": "nuageux"}],
           "main": {"temp": 8.5, "pressure": 1020, "humidity": 62}, "wind": {"speed": 5},
           "sys": {"country": "FR"}, "name": "Paris", "cod": 200}


class Calendar:
    """What there is at a time."""

    def __init__(self, plan):
        self.plan = plan
        self.directory = tempfile.mkdtemp()
        self.samples = {stream: gdelt.read_rows(stream, False) for stream in STREAMS}
        self.files = {}
        self.lines = []
        self.first = self.next = None
        self.lock = threading.Lock()

    def fault(self, path, now):
        for fault in self.plan["faults"]:
            if path == fault["path"] and fault["from"] <= now < fault["to"]:
                return fault["status"]
        return None

    def feed(self, now):
        hour = int(now // HOUR)
        mute = range(*(int(t // HOUR) for t in self.plan["mute"]))
        items = "".join(f"<item><title>heure {h}</title><guid>h{h}</guid></item>"
                        for h in range(hour, hour - KEPT_HOURS, -1) if h not in mute)
        return f'<rss version="2.0"><channel><title>fil</title>{items}</channel></rss>'

    def page(self, now):
        day = int(now // DAY)
        text = "".join(f"<p>Le jour {day}, la ville a vu passer le courrier {day * k}, comme chaque "
                       f"jour, avec du retard.</p>" for k in range(1, 9))
        return (f"<!DOCTYPE html><html lang=fr><head><title>Jour {day}</title></head><body>"
                f"<article><h1>Jour {day}</h1>{text}</article></body></html>")

    def reading(self, now):
        return json.dumps(dict(READING, dt=int(now // (6 * HOUR)) * 6 * HOUR))

    def rows(self, now):
        week = int(now // WEEK)
        return "titre,texte\n" + "".join(f"semaine {w},texte {w}\n" for w in range(week - 3, week + 1))

    def publish(self, now):
        """Makes the files of slices that are due, and their lines of the list of all."""
        with self.lock:
            if self.next is None:
                self.first = self.next = int(now // SLOT)
            while self.next * SLOT <= now:
                stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(self.next * SLOT))
                if stamp not in self.plan["absent"]:
                    self.lines.append((self.plan["late"].get(stamp, 0), [self.make(stamp, s) for s in STREAMS]))
                self.next += 1
            return [line for when, lines in self.lines for line in lines if when <= now]

    def make(self, stamp, stream):
        line = gdelt.make_file(self.directory, stream, stamp, self.samples[stream], 1, False)
        name = line.rsplit("/", 1)[1]
        with open(f"{self.directory}/{name}", "rb") as file:
            self.files["/gdelt/" + name] = file.read()
        return line

    def answer(self, path, now):
        """(type, body), or None."""
        if path.startswith("/gdelt/"):
            lines = self.publish(now)
            if path == "/gdelt/lastupdate.txt":
                return "text/plain", "\n".join(lines[-len(STREAMS):]) + "\n"
            if path == "/gdelt/masterfilelist.txt":
                return "text/plain", "\n".join(lines) + "\n"
            return path in self.files and ("application/zip", self.files[path])
        made = {"/fil": (RSS, self.feed), "/une": ("text/html; charset=utf-8", self.page),
                "/meteo/weather": ("application/json", self.reading),
                "/semaines.csv": ("text/csv; charset=utf-8", self.rows)}.get(path)
        return made and (made[0], made[1](now))


class Handler(http.server.BaseHTTPRequestHandler):
    # HTTP/1.0: no connection outlives its request, as none may when the port is closed.
    posted = []

    def log_message(self, *arguments):
        pass

    def reply(self, status, kind, body):
        body = body if isinstance(body, bytes) else body.encode("utf-8")
        asked = self.headers.get("Range", "")
        if status == 200 and asked.startswith("bytes=-") and 0 < int(asked[7:]) < len(body):
            start = len(body) - int(asked[7:])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            body = body[start:]
        else:
            self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        now = time.time()
        path = self.path.partition("?")[0]
        if path == "/control/posted":
            self.reply(200, "application/json", json.dumps(self.posted))
            return
        status = self.server.calendar.fault(path, now)
        answer = None if status else self.server.calendar.answer(path, now)
        if answer:
            self.reply(200, *answer)
        else:
            self.reply(status or 404, "text/plain", "no\n")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posted.append(json.loads(body))
        self.reply(200, "text/plain", "merci\n")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


def listening(port=0):
    """A server, and a socket that holds its port where the server is closed: who connects
    then is refused, and nobody else gets the port."""
    server = Server(("127.0.0.1", port), Handler, bind_and_activate=False)
    server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    server.server_bind()
    return server


def serve(server, calendar):
    server.calendar = calendar
    server.server_activate()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("plan")
    plan = json.loads(parser.parse_args().plan)
    calendar = Calendar(plan)
    server = serve(listening(), calendar)
    port = server.server_address[1]
    print("port", port, flush=True)
    for line in sys.stdin:
        following = listening(port)         # holds the port from here on
        if line == "down\n":
            server.shutdown()
            server.server_close()
            server = following
        else:
            server.server_close()
            server = serve(following, calendar)
        print(line, end="", flush=True)


if __name__ == "__main__":
    main()
