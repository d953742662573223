#!/usr/bin/python3
"""A crawl of a site on many hosts: whether exactly what may be asked is asked, at each host's
pace, and whether a slow host holds up the others.

Usage: crawl.py [--hosts 20] [--articles 75] [--delay MS] [--crash]

The site is test/web/crawl_site.py's, about 25 pages a host besides the articles: with the
defaults about 2,000 pages on 20 hosts, which differ in their robots.txt and in what ails
them.  A collector crawls it from the front pages; then the server's log is held against
what the site expects.  With --crash the server is killed once in the middle: what had not
been committed may then be asked twice.  Ends with status 1 unless everything holds.
"""
import argparse
import collections
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request

import psycopg2

from lab import HERE, Lab, tell, wait_until

SITE = os.path.join(os.path.dirname(HERE), "test", "web", "crawl_site.py")
DATABASE = "crawl"
# While a run is under way the state tells what its crash would leave.
ENDED = """SELECT dernier_succes IS NOT NULL AND tentative = 0 AND curseur IS NULL
           AND derniere_erreur NOT LIKE 'interrupted%' FROM datasens.etat_source"""
HALF = "SELECT curseur IS NOT NULL FROM datasens.etat_source"
COLLECTOR = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens collector'"


class Site(contextlib.ExitStack):
    """The site's server, while it is needed."""

    def __init__(self, hosts, articles):
        super().__init__()
        self.server = self.enter_context(subprocess.Popen(
            [sys.executable, SITE, "--hosts", str(hosts), "--articles", str(articles)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        self.port = int(self.server.stdout.readline().split()[1])

    def control(self, command):
        url = f"http://127.0.0.1:{self.port}/control/{command}"
        with urllib.request.urlopen(url) as answer:
            return json.load(answer)


def ask(sql, parameters=None, database=DATABASE):
    """The rows of a statement on a connection of its own, as the server may restart."""
    with contextlib.closing(psycopg2.connect(dbname=database)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []


def crash(lab):
    """Kills the collector: the server ends all sessions and starts anew."""
    os.kill(ask(COLLECTOR)[0][0], signal.SIGKILL)
    time.sleep(1)
    wait_until(lab.accepts, 60, "the restart")


def crawl(lab, site, options):
    """Crawls the site with a collector; returns seconds and the runs."""
    pages = [f"http://{host['host']}:{site.port}/" for host in site.control("hosts")]
    rules = json.dumps({"pages": pages, "profondeur": 30, "pages_max": 100000})
    ask(f"CREATE DATABASE {DATABASE}", database="postgres")
    ask("CREATE EXTENSION datasens")
    ask("SELECT datasens_add_source('scraping', 'site', options => %s)", [rules])
    started = time.monotonic()
    ask("SELECT datasens_collect_async('site')")
    if options.crash:
        wait_until(lambda: ask(HALF)[0][0], 300, "the first commit")
        time.sleep(2)
        crash(lab)
    wait_until(lambda: ask(ENDED)[0][0], 600, "the end of the crawl", pause=0.5)
    return time.monotonic() - started, ask(
        "SELECT statut, nb_lus, nb_inseres, nb_doublons, duree, erreur FROM datasens.flux"
        " ORDER BY id_flux")


def gaps(times):
    return [later - earlier for earlier, later in zip(times, times[1:])]


def judge(site, log, options):
    """[(what, whether it holds, how)] of the whole crawl; prints a line a host."""
    asked = collections.Counter(f"{entry['host']} {entry['target']}" for entry in log)
    times = collections.defaultdict(list)
    for entry in log:
        times[entry["host"]].append(entry["time"])
    expected = set(site.control("expected"))
    delay = options.delay / 1000
    held = True
    ends = {}
    print(f"\n{'host':12}{'kind':>8}{'requests':>10}{'pace':>8}{'least gap':>11}{'ended':>8}")
    for host in site.control("hosts"):
        mine = sorted(times[host["host"]])
        least = min(gaps(mine), default=0)
        pace = max(delay, host["pace"])
        pages = [entry["time"] for entry in log if entry["host"] == host["host"]
                 and entry["target"] != "/erreur/500"]
        ends[host["host"]] = (host["kind"], pages[-1] - log[0]["time"], len(pages))
        held = held and (len(mine) < 2 or least >= pace)
        print(f"{host['host']:12}{host['kind']:>8}{len(mine):>10}{pace:>8.2f}{least:>11.3f}"
              f"{ends[host['host']][1]:>8.1f}")
    plain = [end / requests for kind, end, requests in ends.values() if kind == "plain"]
    # One page is turned away by the busy host, and one of each host fails and is retried.
    twice = [page for page, n in asked.items()
             if n > 1 and not page.endswith("/erreur/500") and not page.endswith("/robots.txt")]
    allowed = 1 if not options.crash else len(asked)
    return [
        ("pages asked that are not expected", sorted(set(asked) - expected)),
        ("pages expected that are not asked", sorted(expected - set(asked))),
        ("pages asked twice, but for the busy host's one", twice[allowed:]),
        ("hosts whose pace was not held", [] if held else ["see above"]),
        ("plain hosts slower than their pace and a fifth",
         [round(seconds, 3) for seconds in plain if seconds > 1.2 * (delay + 0.01)]),
    ]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--articles", type=int, default=75)
    parser.add_argument("--delay", type=int, default=100)
    parser.add_argument("--crash", action="store_true")
    options = parser.parse_args()
    settings = {"datasens.host_delay": f"{options.delay}ms", "datasens.max_retries": "1", "datasens.retry_delay": "1s",
                "datasens.scraping_schedule": "", "datasens.linger": "60s"}
    with Lab(1, settings=settings) as lab, Site(options.hosts, options.articles) as site:
        seconds, runs = crawl(lab, site, options)
        log = sorted(site.control("log"), key=lambda entry: entry["time"])
        verdict = judge(site, log, options)
    print(f"\n{len(log)} requests in {seconds:.1f} s, {len(runs)} commits:")
    for run in runs:
        print(f"  {run[0]}: {run[1]} read, {run[2]} stored, {run[3]} duplicates, {run[4]}")
    for what, wrong in verdict:
        if wrong:
            print(f"{what}: {wrong[:5]}")
    rows = [(f"requests a second to {options.hosts} hosts, each at its pace", len(log) / seconds,
             None, True)]
    return 0 if tell("crawl", rows + [(what, len(wrong), 0, False) for what, wrong in verdict]) else 1


if __name__ == "__main__":
    sys.exit(main())
