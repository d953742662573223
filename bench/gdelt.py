#!/usr/bin/python3
"""A day of GDELT after an outage: 96 slices of three streams, made up for by the collectors.

Usage: gdelt.py [--rows N] [--slices N] [--workers N] [--kills N] [--years N]

The files are made of the real ones (test/web/gdelt.py), N rows each, and come from nginx.
The clock runs from the round that finds the outage until the ledger is complete; then
every slice has been collected exactly once and every record is there.  --kills: meanwhile
collectors are killed (SIGKILL takes the whole server down and up) at random moments.
--years: how long it takes to queue so many years of the three streams.
"""
import argparse
import calendar
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
STREAMS = 3
PATIENCE = 3600
COLLECTORS = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens collector'"


def stamp(slice_number):
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(START + 900 * slice_number))


def generate(web, rows, slices):
    """The lines of all slices, 0 to slices; returns them and the bytes of the files."""
    made = subprocess.run([sys.executable, GENERATOR, "--rows", str(rows), web]
                          + [stamp(i) for i in range(slices + 1)],
                          stdout=subprocess.PIPE, text=True, check=True)
    lines = made.stdout.splitlines(keepends=True)
    return lines, sum(int(line.split()[0]) for line in lines)


def publish(web, lines):
    with open(os.path.join(web, "masterfilelist.txt"), "w", encoding="ascii") as out:
        out.writelines(lines)
    with open(os.path.join(web, "lastupdate.txt"), "w", encoding="ascii") as out:
        out.writelines(lines[-STREAMS:])


class Session:
    """A connection that is made again when the server went down with it."""

    def __init__(self, database):
        self.database = database
        self.connection = None

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


def collected(session):
    return session.rows("SELECT coalesce(sum(extract(epoch FROM upper(periode) - lower(periode))), 0)"
                        "::int / 900 FROM datasens.tranche WHERE statut = 'collectee'")[0][0]


def kill_one(session):
    pids = session.rows(COLLECTORS)
    if pids:
        os.kill(random.choice(pids)[0], signal.SIGKILL)
    return bool(pids)


def make_up(session, slices, kills):
    """Waits until all is collected, killing on the way; returns the largest collector in kB."""
    wanted = STREAMS * (slices + 1)
    moments = sorted(random.randrange(STREAMS, wanted) for _ in range(kills))
    peak = 0
    deadline = time.monotonic() + PATIENCE
    while (done := collected(session)) < wanted:
        peak = max([peak] + [own_memory(pid) for pid, in session.rows(COLLECTORS)])
        if moments and done >= moments[0] and kill_one(session):
            moments.pop(0)
        if time.monotonic() > deadline:
            raise Failed(f"{done} of {wanted} slices after {PATIENCE} seconds")
        time.sleep(0.05)
    return peak


def check(session, slices, rows):
    """Every slice once, every record once."""
    wanted = STREAMS * (slices + 1)
    for sql, answer in (
            ("SELECT count(*), count(DISTINCT manifest_uri), sum(nb_doublons) FROM datasens.flux "
             "WHERE manifest_uri IS NOT NULL AND statut = 'succes'", (wanted, wanted, 0)),
            ("SELECT count(*), bool_and(statut = 'collectee') FROM datasens.tranche",
             (STREAMS, True)),
            ("SELECT (SELECT count(*) FROM datasens.evenement), (SELECT count(*) FROM "
             "datasens.document_evenement), (SELECT count(*) FROM datasens.document)",
             (rows * (slices + 1),) * 3)):
        if session.rows(sql) != [answer]:
            raise Failed(f"{sql}: {session.rows(sql)}, expected {answer}")


def measure(lab, options):
    web = os.path.join(lab.scratch, "web")
    lines, size = generate(web, options.rows, options.slices)
    publish(web, lines[:STREAMS])
    session = Session("postgres")
    session.rows("SELECT 1")
    session.connection.cursor().execute("CREATE EXTENSION datasens")
    session.rows("SELECT datasens_add_source('gdelt', 'monde', '%s', '%s', "
                 "'{\"flux\": [\"export\", \"mentions\", \"gkg\"]}')" % (lab.url(""), NEVER))
    session.rows("SELECT datasens_collect_async('gdelt')")
    wait_until(lambda: collected(session) == STREAMS, 60, "the first slice")
    publish(web, lines)
    start = time.perf_counter()
    session.rows("SELECT datasens_collect_async('gdelt')")
    peak = make_up(session, options.slices, options.kills)
    seconds = time.perf_counter() - start
    check(session, options.slices, options.rows)
    session.connection.close()
    records = STREAMS * options.rows * options.slices
    print(f"{options.slices} slices of {STREAMS} streams, {options.rows} rows each "
          f"({size / 1e6:.0f} MB packed), {options.workers} collectors, {options.kills} killed: "
          f"{seconds:.1f} s; a collector's own memory at most {peak / 1024:.0f} MB")
    tell("gdelt", [(f"records a second, {options.slices} slices of 3 streams to make up for",
                    records / seconds, None, True),
                   ("seconds a slice of 3 streams", seconds / options.slices, None, False)])


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
    tell("gdelt", [(f"ms to queue {slices} slices, as {rows} rows", seconds * 1000, None, False)])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=50)
    parser.add_argument("--slices", type=int, default=96)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--years", type=int, default=0)
    options = parser.parse_args()
    with Lab(1, {"max_wal_size": "4GB", "datasens.workers": str(options.workers),
                 "datasens.retry_delay": "1s", "restart_after_crash": "on"}) as lab:
        if options.years:
            plan(lab, options.years)
        else:
            measure(lab, options)


if __name__ == "__main__":
    sys.exit(main())
