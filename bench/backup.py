#!/usr/bin/python3
"""A backup of a large database while it collects.

Usage: backup.py [--size GB] [--feeds N] [--rounds N]

Fills document with so many gigabytes of text that does not shrink much.  Then the collector
does rounds of feeds, each document new to it (the feeds are written anew, off the clock, and
asked for by other sources in turn, so that none is collected more often than three times a
minute or so): some alone, as many as it takes while datasens_backup() runs, some alone again.
Prints documents a second of each and the ratio of the second to both others, which is to be
0.7 at least.  The backup is then restored into an empty database, in which datasens_check() is to
find nothing wrong.  Takes four times the size of disk in TMPDIR, for as long as it runs.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import threading
import time

import psycopg2

from lab import Failed, Lab, pg_config, query, tell, value, wait_until
from measure_datasens import add_sources

BAR = 0.7
PER_FEED = 40
PATIENCE = 300
GROUPS = 20     # of sources, each of which asks for all feeds
TEXT = 8000     # bytes of a document
STEP = 10000    # documents a statement


def fill(connection, gigabytes):
    """So much text in documents of a source of its own; returns the database's size in bytes."""
    total = int(gigabytes * 1e9 / TEXT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT datasens_add_source('rss', 'stock', 'http://stock.test/', '0 0 29 2 *')")
        cursor.execute("INSERT INTO datasens.flux (id_source, statut, nb_lus, nb_inseres) SELECT id_source, "
                       "'succes', %s, %s FROM datasens.source RETURNING id_flux", (total, total))
        (flux,) = cursor.fetchone()
        # Digits take half of a byte each, and no more: gzip halves them, the table does not.
        cursor.execute("ALTER TABLE datasens.document ALTER texte SET STORAGE EXTERNAL")
        for first in range(1, total + 1, STEP):
            cursor.execute(
                "INSERT INTO datasens.document (id_flux, titre, texte, hash_fingerprint) "
                "SELECT %s, t, x, datasens_hash(t, x)::datasens.fingerprint FROM (SELECT 'stock ' || i AS t, "
                "(SELECT string_agg(md5(i || ' ' || j), '') FROM generate_series(1, %s) AS j) AS x "
                "FROM generate_series(%s, %s) AS i) AS d",
                (flux, TEXT // 32, first, min(first + STEP - 1, total)))
        cursor.execute("UPDATE datasens.etat_source SET total_docs = %s", (total,))
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    return value(connection, "SELECT pg_database_size(current_database())")


class Editions:
    """The feeds of the web directory, of which each edition has new texts."""

    def __init__(self, directory):
        self.number = 0
        self.feeds = {}
        for name in os.listdir(directory):
            path = os.path.join(directory, name)
            with open(path, "rb") as file:
                self.feeds[path] = re.split(rb"(?<=\d{4}-\d\d)\.", file.read())

    def write_next(self):
        self.number += 1
        mark = b" (%d)." % self.number
        for path, parts in self.feeds.items():
            with open(path, "wb") as file:
                file.write(mark.join(parts))
            # What the web server tells editions by: it knows seconds only, and a round may be shorter.
            os.utime(path, (self.number, self.number))


def one_round(connection, editions):
    """Collects all feeds anew: documents a second."""
    feeds = len(editions.feeds)
    editions.write_next()
    since = value(connection, "SELECT max(id_flux) FROM datasens.flux")
    with connection.cursor() as cursor:
        start = time.perf_counter()
        cursor.execute("UPDATE datasens.etat_source SET prochaine_collecte = now(), declencheur = 'manuel' "
                       "FROM datasens.source s WHERE s.id_source = etat_source.id_source AND s.url LIKE %s",
                       (f"%?{editions.number % GROUPS}",))
        if cursor.rowcount != feeds:
            raise Failed(f"{cursor.rowcount} sources of a group instead of {feeds}")
        cursor.execute("SELECT datasens_collect_async(nom) FROM datasens.source WHERE url LIKE %s LIMIT 1",
                       (f"%?{editions.number % GROUPS}",))
    wait_until(lambda: value(connection, "SELECT count(*) FROM datasens.flux WHERE id_flux > %s", (since,)) >= feeds,
               PATIENCE, "a round", 0.02)
    seconds = time.perf_counter() - start
    inserted = value(connection, "SELECT sum(nb_inseres)::int FROM datasens.flux WHERE id_flux > %s", (since,))
    if inserted != PER_FEED * feeds:
        raise Failed(f"{inserted} documents instead of {PER_FEED * feeds}")
    return inserted / seconds


class Backup(threading.Thread):
    """datasens_backup() in a session of its own."""

    def __init__(self):
        super().__init__()
        self.row = None
        self.seconds = 0

    def run(self):
        start = time.perf_counter()
        connection = psycopg2.connect("")
        self.row = query(connection, "SELECT statut, fichier, octets, erreur FROM datasens_backup()")[0]
        connection.commit()
        connection.close()
        self.seconds = time.perf_counter() - start


def mean(rates):
    """Of rounds of equally many documents: all documents in all the time."""
    return len(rates) / sum(1 / rate for rate in rates)


def restore(path, sizes):
    """Restores into a new database; what datasens_check() finds, and whether all rows are there."""
    start = time.perf_counter()
    subprocess.run([os.path.join(pg_config("--bindir"), "createdb"), "restored"], check=True)
    subprocess.run([os.path.join(pg_config("--bindir"), "pg_restore"), "--exit-on-error", "-d", "restored", path],
                   check=True)
    restored = time.perf_counter() - start
    connection = psycopg2.connect(dbname="restored")
    faults = query(connection, "SELECT objet, probleme, count(*) FROM datasens_check() GROUP BY 1, 2")
    stock = value(connection, "SELECT total_docs FROM datasens.etat_source JOIN datasens.source USING (id_source) "
                  "WHERE nom = 'stock'")
    connection.close()
    print(f"restored in {restored:.0f} s, checked in {time.perf_counter() - start - restored:.0f} s: "
          f"{stock} documents of before, faults: {faults or 'none'}")
    return not faults and stock == sizes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=float, default=5)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    with Lab(options.feeds, {"max_wal_size": "4GB", "datasens.backup_schedule": "",
                             "datasens.backup_directory": "backups"}) as lab:
        connection = psycopg2.connect("")
        connection.autocommit = True
        connection.cursor().execute("CREATE EXTENSION datasens; SET search_path = datasens, public")
        size = fill(connection, options.size)
        add_sources(connection, [f"{url}?{group}" for group in range(GROUPS) for url in lab.urls()])
        editions = Editions(os.path.join(lab.scratch, "web"))
        for _ in range(GROUPS):     # a source's first run costs more than those after it
            one_round(connection, editions)
        alone = [one_round(connection, editions) for _ in range(options.rounds)]
        backup = Backup()
        backup.start()
        beside = []
        while backup.is_alive():
            beside.append(one_round(connection, editions))
        backup.join()
        alone += [one_round(connection, editions) for _ in range(options.rounds)]
        if backup.row is None or backup.row[0] != "succes":
            raise Failed(f"no backup: {backup.row}")
        ratio = mean(beside) / mean(alone)
        print(json.dumps({"alone": alone, "beside": beside}))
        print(f"database of {size / 1e9:.2f} GB, backup of {backup.row[2] / 1e9:.2f} GB in {backup.seconds:.0f} s, "
              f"{len(beside)} rounds meanwhile")
        print(f"documents a second: alone {mean(alone):.0f}, beside the backup {mean(beside):.0f}")
        good = restore(os.path.join(lab.scratch, "data", "backups", backup.row[1]),
                       int(options.size * 1e9 / TEXT))
        connection.close()
    met = tell("backup", [(f"rate of collecting to that alone, {options.size:g} GB", ratio, BAR, True)])
    return 0 if good and met else 1


if __name__ == "__main__":
    sys.exit(main())
