#!/usr/bin/env python3
"""A site on many hosts for crawls: what may be asked of it is known beforehand.

Python 3.7 or newer, standard library only.  The hosts are 127.0.0.1, 127.0.0.2, ... at
one port that the system chooses.  Everything follows from the numbers of hosts and
articles: the same site each time.  It prints "port N" when it is ready and ends when
its standard input is closed.

    crawl_site.py [--hosts 8] [--articles 20]

Hosts differ in their robots.txt and in what ails them (see HOSTS below); each has a front
page, sections, articles, and the same loops, traps, redirects and errors.  A crawl that
begins at the front pages with depth 30 is to ask for expected() exactly.

    /control/log        [{host, target, time, status, agent}], in the order of arrival
    /control/expected   ["host target", ...]: robots.txt files and pages
    /control/hosts      [{host, kind, pace}]: what each is, the seconds it asks for
    /control/reset      forgets the log, and what happens once
"""

import argparse
import collections
import datetime
import gzip
import hashlib
import http.server
import json
import socketserver
import sys
import threading
import time

SECTION = 10                    # articles a section
NAMED = 5                       # articles that sitemap and feed name
DEEPEST = 3                     # times that a crawl takes the same segment of a path
SLOW = 0.1                     # seconds that the slow host takes to answer
CRAWL_DELAY = 0.15               # seconds that one host asks for
OFF_SITE = "http://127.0.0.250:9/"
# What host i is, and its robots.txt: status, body.
PLAIN = (200, "User-agent: *\nDisallow: /prive/\n")
HOSTS = {
    "plain": PLAIN,
    "delay": (200, "User-agent: *\nCrawl-delay: %s\nDisallow: /prive/\n" % CRAWL_DELAY),
    "slow": PLAIN,
    "busy": PLAIN,
    "none": (404, "nothing here"),
    "named": (200, "User-agent: *\nDisallow: /\n\nUser-agent: datasens\nDisallow: /prive/\n"
                   "Disallow: /*.php$\nAllow: /prive/ouvert\n"),
    "moved": (301, "/fichiers/robots.txt"),
    "down": (503, "not now"),
    "closed": (200, "\ufeffUser-agent: *\nDisallow: /\n"),
}
NAMES = list(HOSTS)


def kind_of(i):
    """The first hosts are one of each kind, the others plain."""
    return NAMES[i] if i < len(NAMES) else "plain"


def prose(i, name):
    """A text of its own for each page."""
    digest = hashlib.md5(f"{i} {name}".encode()).hexdigest()
    sentence = "La ville de %s a vu passer le courrier %s, comme chaque année, avec retard. "
    return "".join("<p>" + "".join(sentence % (digest[k:k + 6], digest[k + 6:k + 12])
                                   for k in range(j, j + 4)) + "</p>\n" for j in range(4))


def page(i, name, links, head=""):
    anchors = "\n".join(f'<li><a {"" if isinstance(link, str) else link[1] + " "}'
                        f'href="{link if isinstance(link, str) else link[0]}">lien</a></li>'
                        for link in links)
    return (f"<!DOCTYPE html><html lang=fr><head><title>{name} de {i}</title>{head}</head><body>"
            f"<article><h1>{name} de {i}</h1>{prose(i, name)}</article>"
            f"<ul>{anchors}</ul></body></html>")


class Site:
    """What each host answers, and what a crawl is to ask of it."""

    def __init__(self, hosts, articles):
        self.hosts = hosts
        self.articles = articles
        self.pages = [self.make_host(i) for i in range(hosts)]
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        with self.lock:
            self.log = []
            self.counts = collections.Counter()

    def make_host(self, i):
        """{target: (status, body or location, headers)} of what is there for ever."""
        sections = range((self.articles + SECTION - 1) // SECTION)
        year = datetime.date.today().year
        out = {"/": (200, page(i, "une", [
            *(f"/rubrique/{s}" for s in sections), "/rubrique/0?utm_source=une#haut",
            "/prive/", "/prive/ouvert", "/script.php", "/document.pdf", OFF_SITE,
            ("/nofollow/lien", 'rel="nofollow"'), "/nofollow/meta", "/nofollow/entete",
            "/noindex", "/boucle/a", "/erreur/404", "/erreur/500", "/ici/",
            f"/agenda/{year}/12/", "/espace?zid=1", "/imprimer/0", "/ancien/0", "/ancien/loin",
            "HTTP://127.0.0.%d:%s/./rubrique/../?PHPSESSID=abc" % (i + 1, "PORT"),
            "mailto:x@example.fr", "javascript:void(0)", "/image.jpg"]), {})}
        for s in sections:
            mine = range(s * SECTION, min((s + 1) * SECTION, self.articles))
            out[f"/rubrique/{s}"] = (200, page(i, f"rubrique {s}", [
                "/", *(f"/article/{a}" for a in mine),
                *(f"article/../../article/{a}?fbclid=x{s}" for a in mine)]), {})
        for a in range(self.articles):
            out[f"/article/{a}"] = (200, page(i, f"article {a}", [
                f"/article/{(a + 1) % self.articles}", f"/article/{a}#commentaires", "/",
                f"/article/{a};jsessionid={a}F00.node"]), {})
        out["/prive/"] = (200, page(i, "prive", ["/prive/secret"]), {})
        out["/prive/ouvert"] = (200, page(i, "ouvert", []), {})
        out["/script.php"] = (200, page(i, "script", []), {})
        out["/nofollow/meta"] = (200, page(i, "meta", ["/cache/meta"],
                                           '<meta name="robots" content="nofollow">'), {})
        out["/nofollow/entete"] = (200, page(i, "entete", ["/cache/entete"]),
                                   {"X-Robots-Tag": "nofollow"})
        out["/noindex"] = (200, page(i, "noindex", ["/suite"],
                                     '<meta name="robots" content="noindex">'), {})
        out["/suite"] = (200, page(i, "suite", []), {})
        out["/boucle/a"] = (302, "/boucle/b", {})
        out["/boucle/b"] = (302, "/boucle/a", {})
        out["/erreur/500"] = (500, "oups", {})
        out["/imprimer/0"] = (200, page(i, "article 0", [],
                                        '<link rel="canonical" href="/article/0">'), {})
        out["/ancien/0"] = (301, "/article/0", {})
        out["/ancien/loin"] = (302, OFF_SITE, {})
        out["/fichiers/robots.txt"] = PLAIN + ({},)
        return out

    def endless(self, i, target):
        """What goes on for ever: deeper paths, a calendar, sessions of an unknown name."""
        parts = target.strip("/").split("/")
        if parts[0] == "ici" and set(parts) == {"ici"}:
            return page(i, "ici " * len(parts), ["ici/"])
        if parts[0] == "agenda" and len(parts) == 3:
            year, month = int(parts[1]), int(parts[2])
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
            return page(i, f"agenda {parts[1]} {parts[2]}", [f"/agenda/{year}/{month:02}/"])
        if target.startswith("/espace?zid="):
            return page(i, "espace", ["/espace?zid=%d" % (int(target[12:]) + 1)])
        return None

    def answer(self, i, target):
        kind = kind_of(i)
        if target == "/robots.txt":
            status, body = HOSTS[kind]
            return status, body, {}
        if kind == "slow":
            time.sleep(SLOW)
        if kind == "busy":
            with self.lock:
                self.counts[i] += 1
                if self.counts[i] == 5:
                    return 429, "", {"Retry-After": "1"}
        known = self.pages[i].get(target)
        if known:
            return known
        body = self.endless(i, target) or self.named(i, target)
        return (200, body, {}) if body else (404, "rien ici", {})

    def named(self, i, target):
        """What names pages: a sitemap index, one that is packed, a feed."""
        base = f"http://127.0.0.{i + 1}:PORT"
        urls = [f"{base}/article/{a}" for a in range(min(self.articles, NAMED))]
        space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        if target == "/plans.xml":
            return f"<sitemapindex {space}><sitemap><loc>{base}/plan.xml.gz</loc></sitemap></sitemapindex>"
        if target == "/plan.xml.gz":
            return (f"<urlset {space}>" +
                    "".join(f"<url><loc>{url}</loc></url>" for url in urls) + "</urlset>")
        if target == "/fil.xml":
            return ('<rss version="2.0"><channel><title>Fil</title>' +
                    "".join(f"<item><title>x</title><link>{url}</link></item>" for url in urls) +
                    "</channel></rss>")
        return None

    def expected_of(self, i):
        kind = kind_of(i)
        if kind == "down":
            return ["/robots.txt"]
        if kind == "closed":
            return ["/robots.txt"]
        year = datetime.date.today().year
        sections = (self.articles + SECTION - 1) // SECTION
        out = ["/robots.txt", "/", "/nofollow/meta", "/nofollow/entete", "/noindex", "/suite",
               "/boucle/a", "/boucle/b", "/erreur/404", "/erreur/500", "/imprimer/0",
               "/ancien/0", "/ancien/loin", "/espace?zid=1", "/espace?zid=2",
               f"/agenda/{year}/12/"]
        out += [f"/agenda/{year + 1}/{month:02}/" for month in range(1, 13)]
        out += ["/" + "ici/" * n for n in range(1, DEEPEST + 1)]
        out += [f"/rubrique/{s}" for s in range(sections)]
        out += [f"/article/{a}" for a in range(self.articles)]
        if kind != "named":
            out += ["/script.php"]
        if kind == "moved":
            out += ["/fichiers/robots.txt"]
        if kind == "named":
            out += ["/prive/ouvert"]
        if kind == "none":
            out += ["/prive/", "/prive/ouvert", "/prive/secret"]
        return out

    def expected(self):
        return sorted(f"127.0.0.{i + 1} {target}" for i in range(self.hosts)
                      for target in self.expected_of(i))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self):
        arrived = time.time()
        if self.path.startswith("/control/"):
            self.send(200, json.dumps(self.control(self.path[len("/control/"):].partition("?")[0])), {},
                      "application/json")
            return
        host = self.request.getsockname()[0]
        entry = {"host": host, "target": self.path, "time": arrived, "status": 0,
                 "agent": self.headers.get("User-Agent", "")}
        with SITE.lock:
            SITE.log.append(entry)
        status, body, headers = SITE.answer(int(host.rsplit(".", 1)[1]) - 1, self.path)
        entry["status"] = status
        if 300 <= status < 400:
            headers = dict(headers, Location=body)
            body = ""
        self.send(status, body.replace("PORT", str(self.server.server_address[1])), headers,
                  "text/plain" if self.path.endswith(".txt") else "text/html; charset=utf-8")

    def control(self, command):
        if command == "reset":
            SITE.reset()
        if command == "expected":
            return SITE.expected()
        if command == "hosts":
            return [{"host": f"127.0.0.{i + 1}", "kind": kind_of(i),
                     "pace": CRAWL_DELAY if kind_of(i) == "delay" else 0}
                    for i in range(SITE.hosts)]
        with SITE.lock:
            return list(SITE.log)

    def send(self, status, body, headers, kind):
        data = body.encode()
        if self.path.endswith(".gz"):
            data = gzip.compress(data)
            kind = "application/gzip"
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": len(data), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        """The log is kept in memory."""


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 1024

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def listen(addresses):
    """Servers at all addresses and one port, which is free at each of them."""
    for _ in range(100):
        servers = [Server((addresses[0], 0), Handler)]
        try:
            for address in addresses[1:]:
                servers.append(Server((address, servers[0].server_address[1]), Handler))
            return servers
        except OSError:
            for server in servers:
                server.server_close()
    raise SystemExit("no port is free at all addresses")


if __name__ == "__main__":
    PARSER = argparse.ArgumentParser(description="a site on many hosts, for crawls")
    PARSER.add_argument("--hosts", type=int, default=len(NAMES))
    PARSER.add_argument("--articles", type=int, default=20)
    ARGS = PARSER.parse_args()
    SITE = Site(ARGS.hosts, ARGS.articles)
    SERVERS = listen([f"127.0.0.{i + 1}" for i in range(ARGS.hosts)])
    for each in SERVERS:
        threading.Thread(target=each.serve_forever, args=(0.1,), daemon=True).start()
    print("port", SERVERS[0].server_address[1], flush=True)
    sys.stdin.buffer.read()
