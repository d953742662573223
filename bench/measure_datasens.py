#!/usr/bin/python3
"""Measure datasens itself: the scheduled background collector at work.

Usage: measure_datasens.py URLS DATABASE

DATABASE is new and holds the extension only.  Adds a source a URL (of the file
URLS, one a line) with a schedule that is far away, makes them all due with
datasens_collect_async('rss'), and waits until every source's row in flux, and
with it its documents, can be seen by another session; then once more, which
should bring nothing but 304s.  The clock runs from before the call that makes
the sources due: the collector's start is included.  Prints JSON as the rivals do.
"""
import contextlib
import json
import sys
import time

import psycopg2
from psycopg2.extras import execute_batch

from lab import Failed, query, value, wait_until

NEVER = "0 0 29 2 *"  # the schedule of a source that is to run when told only
PATIENCE = 300


def connect(database):
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    connection.cursor().execute("SET search_path = datasens, public")
    return connection


def add_sources(connection, urls, schedule=NEVER, options="{}"):
    """Adds the sources in one transaction and makes sure that they are not collected yet."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        execute_batch(cursor, "SELECT datasens_add_source('rss', %s, %s, %s, %s)",
                      [(f"source {i:05d}", url, schedule, options) for i, url in enumerate(urls)])
        cursor.execute("COMMIT")
    if value(connection, "SELECT count(*) FROM etat_source WHERE prochaine_collecte <= now()"):
        raise Failed("sources are due before they were made due: nothing can be measured")


def await_runs(connection, runs, pause=0.004):
    """Waits until flux holds so many rows."""
    wait_until(lambda: value(connection, "SELECT count(*) FROM flux") >= runs, PATIENCE,
               f"{runs} runs", pause)


def one_pass(connection, runs):
    start = time.perf_counter()
    connection.cursor().execute("SELECT datasens_collect_async('rss')")
    await_runs(connection, runs)
    return round(time.perf_counter() - start, 4)


def check_pass(connection, since, statut, sources):
    """Raises unless every source had one run with that outcome after that id_flux."""
    outcomes = query(connection, "SELECT statut::text, count(*), count(DISTINCT id_source), "
                     "min(erreur) FROM flux WHERE id_flux > %s GROUP BY statut", (since,))
    if [row[:3] for row in outcomes] != [(statut, sources, sources)]:
        raise Failed(f"expected {sources} times {statut}, got {outcomes}")


def main(path, database):
    with open(path, encoding="utf-8") as lines:
        urls = lines.read().split()
    with contextlib.closing(connect(database)) as connection:
        add_sources(connection, urls)
        first = one_pass(connection, len(urls))
        check_pass(connection, 0, "succes", len(urls))
        since = value(connection, "SELECT max(id_flux) FROM flux")
        second = one_pass(connection, 2 * len(urls))
        check_pass(connection, since, "inchange", len(urls))
        stored = value(connection, "SELECT count(*) FROM document")
    print(json.dumps({"first": first, "second": second, "stored": stored}))


if __name__ == "__main__":
    main(*sys.argv[1:])
