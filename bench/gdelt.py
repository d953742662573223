#!/usr/bin/python3
"""A day of GDELT after an outage: 96 slices of three streams, made up for by the collectors.

Usage: gdelt.py [--day] [--rows N] [--slices N] [--workers N] [--live N] [--kills N] [--crash]
                [--years N]

The files are made of the real ones (test/web/gdelt.py) and come from nginx.  The clock runs
from the round that finds the outage until the ledger is complete; then every slice has been
collected exactly once and every record is there, as reckoned from what was published.

--rows: records of a file, of each of the streams export, mentions and gkg, or of all.
--live: so many slices are published meanwhile, one after the other, and one afterwards: how
long it takes from there until its three streams can be queried.
--kills: collectors are killed (SIGKILL takes the whole server down and up) at random moments;
--crash: once the whole server is, without a word.
--day: a day of real size, two collectors: first undisturbed, then with twelve kills and the
crash; after which all tables hold the same.
--years: how long it takes to queue so many years of the three streams.
"""
import argparse
import calendar
import itertools
import os
import random
import signal
import subprocess
import sys
import time

import psycopg2

from due import own_memory
from lab import HERE, Failed, Lab, query, tell, value, wait_until
from measure_datasens import NEVER

GENERATOR = os.path.join(os.path.dirname(HERE), "test", "web", "gdelt.py")
START = calendar.timegm((2024, 1, 1, 0, 0, 0))
SLOT = 900
STREAMS = 3
# A slice of real size: the events of the whole one in the corpus (20151027220000), and of the
# others as many as it takes for files as large as the list of the first slices names.
REAL_ROWS = "2116,6000,3200"
PATIENCE = 3600
COLLECTORS = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens collector'"
# What all that was published comes to: its keys, by table.
KEYS = {
    "evenement": ("id_evenement", "slot::bigint * 200000 + i"),
    "document_evenement": ("id_evenement::text || substring(url FROM '#s=.*')",
                           "slot::bigint * 200000 + i || '#s=' || stamp || '-' || i"),
    "document": ("meta->>'guid'", "stamp || '-' || i"),
}
# What tables hold, but for the keys that follow the order in which things came.
CONTENTS = {
    "evenement": "to_jsonb(t) - 'id_flux'",
    "document_evenement": "to_jsonb(t) - 'id_flux'",
    "document": "ROW(titre, texte, url, auteur, langue, date_publication, hash_fingerprint, meta)",
    "tranche": "ROW(flux, periode, statut)",
}


def stamp(slice_number):
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(START + SLOT * slice_number))


class Session:
    """A connection that is made again when the server went down with it."""

    def __init__(self, database):
        self.database = database
        self.connection = None

    def close(self):
        self.connection.close()

    def rows(self, sql):
        while True:
            try:
                if self.connection is None:
                    self.connection = psycopg2.connect(dbname=self.database)
                    self.connection.autocommit = True
                return query(self.connection, sql)
            except psycopg2.Error as error:
                # of the server's own errors only those of its going down (class 57)
                if error.pgcode and not error.pgcode.startswith("57"):
                    raise
                self.connection = None
                time.sleep(0.02)

    def value(self, sql):
        return self.rows(sql)[0][0]


class Mirror:
    """GDELT's server: its files, of which the lists name the first so many slices."""

    def __init__(self, web, rows, slices):
        self.web = web
        self.rows = [int(n) for n in rows.split(",")]
        self.rows *= STREAMS if len(self.rows) == 1 else 1
        half = (slices + 1) // 2
        makers = [subprocess.Popen([sys.executable, GENERATOR, "--rows", rows, web, *stamps],
                                   stdout=subprocess.PIPE, text=True)
                  for stamps in ([stamp(i) for i in range(half)],
                                 [stamp(i) for i in range(half, slices)])]
        self.lines = [line for maker in makers for line in maker.communicate()[0].splitlines(True)]
        if any(maker.returncode for maker in makers) or len(self.lines) != STREAMS * slices:
            raise Failed("the files could not be made")

    def publish(self, slices):
        self.write("masterfilelist.txt", self.lines[:STREAMS * slices])
        self.write("lastupdate.txt", self.lines[STREAMS * (slices - 1):STREAMS * slices])

    def write(self, name, lines):
        path = os.path.join(self.web, name)
        with open(path + ".new", "w", encoding="ascii") as out:
            out.writelines(lines)
        os.rename(path + ".new", path)

    def size(self, slices):
        return sum(int(line.split()[0]) for line in self.lines[:STREAMS * slices])


class Outage:
    """The slices of an outage that is over, being made up for in a database of their own."""

    def __init__(self, lab, mirror, name):
        self.lab = lab
        self.mirror = mirror
        self.published = 0
        self.peak = 0
        self.delays = []  # seconds that slices took that were published meanwhile
        query_all = Session("postgres")
        query_all.rows("SELECT 1")
        query_all.connection.cursor().execute(f"CREATE DATABASE {name}")
        query_all.close()
        self.session = Session(name)
        self.session.rows("SELECT 1")
        self.session.connection.cursor().execute("CREATE EXTENSION datasens")
        self.session.rows("SELECT datasens_add_source('gdelt', 'monde', '%s', '%s', "
                          "'{\"flux\": [\"export\", \"mentions\", \"gkg\"]}')"
                          % (lab.url(""), NEVER))
        self.publish(1)
        wait_until(lambda: self.collected() == STREAMS, 60, "the first slice")

    def publish(self, more):
        self.published += more
        self.mirror.publish(self.published)
        self.session.rows("SELECT datasens_collect_async('gdelt')")

    def collected(self, where="true"):
        return self.session.value(
            "SELECT coalesce(sum(extract(epoch FROM upper(periode) - lower(periode))), 0)::int / "
            f"{SLOT} FROM datasens.tranche WHERE statut = 'collectee' AND {where}")

    def newest_is_there(self):
        """Whether the slice that was published last has been collected."""
        return self.session.value(
            f"SELECT count(*) = {STREAMS} FROM datasens.tranche WHERE statut = 'collectee' "
            f"AND upper(periode) = to_timestamp({START + SLOT * self.published})")

    def kill_collector(self):
        pids = self.session.rows(COLLECTORS)
        if pids:
            os.kill(random.choice(pids)[0], signal.SIGKILL)
        return bool(pids)

    def crash(self):
        self.lab.kill_cluster()
        return True

    def publish_live(self):
        """One more slice, unless the one before is still on its way."""
        if self.waiting is None:
            self.publish(1)
            self.waiting = time.perf_counter()
            return True
        return False

    def notice_live(self):
        if self.waiting is not None and self.newest_is_there():
            self.delays.append(time.perf_counter() - self.waiting)
            self.waiting = None

    def make_up(self, slices, options):
        """Waits until all is collected, disturbing it on the way; returns the seconds."""
        wanted = STREAMS * (1 + slices + options.live)
        events = [(self.kill_collector, options.kills), (self.crash, options.crash),
                  (self.publish_live, options.live)]
        moments = sorted(((random.randrange(STREAMS, STREAMS * slices), event)
                          for event, n in events for _ in range(n)), key=lambda moment: moment[0])
        self.waiting = None
        start = time.perf_counter()
        self.publish(slices)
        while (done := self.collected()) < wanted:
            self.peak = max([self.peak] + [own_memory(pid) for pid, in self.session.rows(COLLECTORS)])
            self.notice_live()
            if moments and done >= moments[0][0] and moments[0][1]():
                moments.pop(0)
            if time.perf_counter() - start > PATIENCE:
                raise Failed(f"{done} of {wanted} slices after {PATIENCE} seconds")
            time.sleep(0.05)
        seconds = time.perf_counter() - start
        self.notice_live()
        return seconds

    def live_alone(self):
        """Seconds that a slice takes when there is nothing else to do."""
        self.publish(1)
        start = time.perf_counter()
        wait_until(self.newest_is_there, 60, "a slice alone", 0.01)
        return time.perf_counter() - start

    def check(self):
        """Every slice once, every record that was published once, and nothing else."""
        slices = STREAMS * self.published
        self.expect("SELECT count(*), count(DISTINCT manifest_uri), sum(nb_doublons)::int, "
                    "sum(nb_rejetes)::int FROM datasens.flux WHERE manifest_uri IS NOT NULL AND "
                    "statut = 'succes'", (slices, slices, 0, 0))
        self.expect("SELECT count(*), bool_and(statut = 'collectee') FROM datasens.tranche",
                    (STREAMS, True))
        for (table, (key, made)), rows in zip(KEYS.items(), self.mirror.rows):
            there = f"SELECT {key} FROM datasens.{table}"
            wanted = (f"SELECT {made} FROM generate_series({START // SLOT}, "
                      f"{START // SLOT + self.published - 1}) AS slot, "
                      "to_char(to_timestamp(slot * 900) AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISS') "
                      f"AS stamp, generate_series(0, {rows - 1}) AS i")
            self.expect(f"SELECT (SELECT count(*) FROM datasens.{table})::int, (SELECT count(*) "
                        f"FROM ({there} INTERSECT {wanted}) AS x)::int",
                        (rows * self.published,) * 2)
        self.expect("SELECT count(*) FROM datasens_check()", (0,))

    def expect(self, sql, answer):
        if self.session.rows(sql) != [answer]:
            raise Failed(f"{sql}: {self.session.rows(sql)}, expected {answer}")

    def contents(self):
        """A sum over everything in the tables."""
        return {table: self.session.rows(f"SELECT count(*), sum(hashtextextended(({what})::text, 0))"
                                         f" FROM datasens.{table} AS t")
                for table, what in CONTENTS.items()}


def measure(lab, mirror, name, options):
    """One outage; returns what is to be told of it, and what the tables hold."""
    outage = Outage(lab, mirror, name)
    seconds = outage.make_up(options.slices, options)
    rows = []
    if not options.kills and not options.crash:
        records = sum(mirror.rows) * (options.slices + options.live)
        rows = [(f"{options.slices} slices of 3 streams to make up for: seconds", seconds, None,
                 False),
                ("records a second", records / seconds, None, True)]
    if options.live:
        rows.append(("seconds until a slice is there that comes meanwhile",
                     max(outage.delays), None, False))
        rows.append(("the same with nothing else to do", outage.live_alone(), None, False))
    outage.check()
    print(f"{outage.published} slices of {STREAMS} streams, {'/'.join(map(str, mirror.rows))} rows "
          f"({mirror.size(outage.published) / 1e6:.0f} MB packed), {options.workers} collectors, "
          f"{options.kills} killed, {options.crash} crashes: {seconds:.1f} s; a collector's own "
          f"memory at most {outage.peak / 1024:.0f} MB", flush=True)
    contents = outage.contents() if options.day else None
    outage.session.close()
    return rows, contents


def measure_day(lab, options):
    """The day twice: as it is, and with everything that can be killed killed."""
    mirror = Mirror(os.path.join(lab.scratch, "web"), options.rows,
                    options.slices + options.live + 2)
    kills = options.kills or 12
    options.kills = options.crash = 0
    rows, undisturbed = measure(lab, mirror, "paisible", options)
    options.kills, options.crash = kills, 1
    _, disturbed = measure(lab, mirror, "rude", options)
    if undisturbed != disturbed:
        raise Failed(f"not the same: {undisturbed}, {disturbed}")
    print(f"the same in all tables: {undisturbed}")
    return rows


def plan(lab, years):
    """Queues years of slices, as long ago as there were any."""
    with lab.database("plan", extension=True) as connection:
        connection.cursor().execute(
            "SELECT datasens_add_source('gdelt', 'monde', 'http://127.0.0.1:1/', %s, "
            "'{\"flux\": [\"export\", \"mentions\", \"gkg\"]}')", (NEVER,))
        start = time.perf_counter()
        connection.cursor().execute("SELECT datasens_backfill('monde', '2015-02-18', "
                                    "'2015-02-18'::timestamptz + make_interval(years => %s))",
                                    (years,))
        seconds = time.perf_counter() - start
        slices = value(connection, "SELECT prevues FROM datasens_backfills")
        rows = value(connection, "SELECT count(*) FROM tranche")
    return [(f"ms to queue {slices} slices, as {rows} rows", seconds * 1000, None, False)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--day", action="store_true")
    parser.add_argument("--rows", default="50")
    parser.add_argument("--slices", type=int, default=96)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--live", type=int, default=0)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--crash", action="count", default=0)
    parser.add_argument("--years", type=int, default=0)
    given = parser.parse_args()
    options = parser.parse_args(["--rows", REAL_ROWS, "--workers", "2", "--live", "6",
                                 *sys.argv[1:]]) if given.day else given
    with Lab(1, {"max_wal_size": "4GB", "datasens.workers": str(options.workers),
                 "datasens.retry_delay": "1s", "restart_after_crash": "on"}) as lab:
        if options.years:
            rows = plan(lab, options.years)
        elif options.day:
            rows = measure_day(lab, options)
        else:
            mirror = Mirror(os.path.join(lab.scratch, "web"), options.rows,
                            options.slices + options.live + 2)
            rows, _ = measure(lab, mirror, "monde", options)
        tell("gdelt", rows)


if __name__ == "__main__":
    sys.exit(main())
