#!/usr/bin/python3
"""A million documents from a zip to the table, beside COPY, SQL and the users' way.

Usage: bulk.py [--rows N] [--runs N] [--only datasens] [--stored N]

The zip holds one CSV file (titre of about 60 characters, texte of about 300, one row
in twenty a duplicate) and comes from nginx.  Each run measures, one after the other,
each in a database of its own:
    copy        COPY of the unique rows, fingerprints ready, into an identical table
    datasens    the collector: download, unzip, parse, hash, sort, deduplicate, insert
    again       the same file, changed by one row, once more
    sql         COPY to a temporary table, INSERT ... ON CONFLICT DO NOTHING, sha256 in SQL
    users       pandas and SQLAlchemy, a row at a time, of 5,000 rows, extrapolated
--stored N: instead, how long 100,000 documents take into a table of N and into an empty one.
Prints medians, the ratios that the bars are about, and how much memory collectors took beyond
what they had at their start.
"""
import argparse
import csv
import hashlib
import io
import json
import os
import random
import statistics
import subprocess
import sys
import time
import zipfile

import pandas
import psycopg2
import sqlalchemy

from lab import Lab, query, tell, value, wait_until
from measure_datasens import NEVER

WORDS = [f"{a}{b}{c}" for a in ("bra", "ti", "mo", "su", "le", "ca", "vou", "ni")
         for b in ("ran", "ter", "lis", "mon", "ga", "pu") for c in ("te", "er", "s", "ique", "al")]
USERS_ROWS = 5000


def text(generator, length):
    words = []
    while length > 0:
        word = generator.choice(WORDS)
        words.append(word)
        length -= len(word) + 1
    return " ".join(words)


def generate(path, rows, seed):
    """Writes a zip with the CSV; every twentieth row is one of before."""
    generator = random.Random(seed)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, \
            archive.open("documents.csv", "w", force_zip64=True) as member, \
            io.TextIOWrapper(member, encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["titre", "texte", "langue", "date"])
        earlier = []
        for i in range(rows):
            if i % 20 == 19:
                writer.writerow(generator.choice(earlier))
                continue
            row = [f"{text(generator, 52)} {i:07d}", text(generator, 300), "fr",
                   f"2024-{i % 12 + 1:02d}-{i % 28 + 1:02d} 12:00:00"]
            writer.writerow(row)
            if len(earlier) < 1000 or generator.random() < 0.01:
                earlier.append(row)


def change_one_row(source, target):
    """The same zip but for the last row."""
    with zipfile.ZipFile(source) as archive, \
            zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as changed:
        data = archive.read("documents.csv")
        cut = data.rstrip().rindex(b"\n") + 1
        changed.writestr("documents.csv", data[:cut] + b"tout neuf,un texte neuf,fr,2025-01-01\r\n")


def read_rows(path):
    with zipfile.ZipFile(path) as archive, archive.open("documents.csv") as member:
        reader = csv.reader(io.TextIOWrapper(member, encoding="utf-8", newline=""))
        next(reader)
        yield from reader


def copy_file(path, target, before=""):
    """The unique rows with their fingerprints, as COPY reads them, in the file's order.

    before: what their titles begin with, to make others of them."""
    seen = set()
    with open(target, "w", encoding="utf-8") as out:
        for titre, texte, langue, date in read_rows(path):
            titre = before + titre
            digits = hashlib.sha256(f"{titre} {texte}".encode()).hexdigest()
            if digits not in seen:
                seen.add(digits)
                out.write(f"1\t{titre}\t{texte}\t{langue}\t{date}\t{digits}\n")
    return len(seen)


def timed(action, *arguments):
    start = time.perf_counter()
    action(*arguments)
    return time.perf_counter() - start


def by_copy(connection, path):
    with open(path, encoding="utf-8") as rows, connection.cursor() as cursor:
        cursor.copy_expert("COPY datasens.document (id_flux, titre, texte, langue, "
                           "date_publication, hash_fingerprint) FROM STDIN", rows, 1 << 20)


def by_sql(connection, csv_path):
    with open(csv_path, encoding="utf-8") as rows, connection.cursor() as cursor:
        cursor.execute("BEGIN; CREATE TEMP TABLE entrant (titre text, texte text, langue text, "
                       "date timestamptz) ON COMMIT DROP")
        cursor.copy_expert("COPY entrant FROM STDIN WITH (FORMAT csv, HEADER)", rows, 1 << 20)
        cursor.execute("""
            INSERT INTO datasens.document (id_flux, titre, texte, langue, date_publication,
                                           hash_fingerprint)
            SELECT 1, titre, texte, langue, date,
                encode(sha256(convert_to(titre || ' ' || texte, 'UTF8')), 'hex')::datasens.fingerprint
            FROM entrant ON CONFLICT DO NOTHING""")
        cursor.execute("COMMIT")


def by_users(database, csv_path, rows):
    """pandas and SQLAlchemy; the seconds that all rows would take."""
    engine = sqlalchemy.create_engine("postgresql+psycopg2://",
                                      creator=lambda: psycopg2.connect(dbname=database))
    frame = pandas.read_csv(csv_path, nrows=USERS_ROWS)
    statement = sqlalchemy.text("""
        INSERT INTO datasens.document (id_flux, titre, texte, langue, date_publication,
            hash_fingerprint) VALUES (1, :titre, :texte, :langue, :date, :hash)
        ON CONFLICT (hash_fingerprint) DO NOTHING""")
    start = time.perf_counter()
    for _, row in frame.iterrows():
        with engine.begin() as connection:
            connection.execute(statement, {
                "titre": row.titre, "texte": row.texte, "langue": row.langue, "date": row.date,
                "hash": hashlib.sha256(f"{row.titre} {row.texte}".encode()).hexdigest()})
    return (time.perf_counter() - start) * rows / USERS_ROWS


def collect(connection, nom, memory):
    """Makes the source due and waits for its row in flux: seconds, and the row."""
    before = value(connection, "SELECT count(*) FROM datasens.flux")

    def ended():
        memory.look(connection)
        return value(connection, "SELECT count(*) FROM datasens.flux") > before

    start = time.perf_counter()
    connection.cursor().execute("SELECT datasens_collect_async(%s)", (nom,))
    wait_until(ended, 1800, "the run", 0.02)
    seconds = time.perf_counter() - start
    return seconds, query(connection, "SELECT statut, nb_lus, nb_inseres, nb_doublons, nb_rejetes, "
                          "erreur FROM datasens.flux ORDER BY id_flux DESC LIMIT 1")[0]


def add(connection, nom, url):
    connection.cursor().execute("SELECT datasens_add_source('kaggle', %s, %s, %s)",
                                (nom, url, NEVER))


class MemoryWatch:
    """The largest private memory of collectors beyond the one at their start, in bytes."""

    def __init__(self):
        self.first = {}
        self.most = 0

    def look(self, connection):
        for (pid,) in query(connection, "SELECT pid FROM pg_stat_activity "
                            "WHERE backend_type = 'datasens collector'"):
            try:
                with open(f"/proc/{pid}/status", encoding="ascii") as status:
                    rss = sum(int(line.split()[1]) for line in status if line.startswith("RssAnon"))
            except OSError:
                continue
            self.most = max(self.most, rss - self.first.setdefault(pid, rss))


def by_datasens(lab, database, rows, unique, memory):
    """The first round and one of the changed file: seconds of each."""
    with lab.database(database, extension=True) as connection:
        add(connection, "premier", lab.url("documents.zip"))
        add(connection, "second", lab.url("changed.zip"))
        first, row = collect(connection, "premier", memory)
        assert row == ("succes", rows, unique, rows - unique, 0, None), row
        again, row = collect(connection, "second", memory)
        assert row[:3] == ("succes", rows, 1), row
        assert value(connection, "SELECT count(*) FROM datasens.document WHERE hash_fingerprint <> "
                     "datasens_hash(titre, texte)::datasens.fingerprint") == 0
    return {"datasens": first, "again": again}


def one_run(lab, number, paths, rows, unique, memory, rivals):
    result = {}
    if rivals:
        with lab.database(f"copy{number}", extension=True) as connection:
            result["copy"] = timed(by_copy, connection, paths["copy"])
    result.update(by_datasens(lab, f"bulk{number}", rows, unique, memory))
    if not rivals:
        return result
    with lab.database(f"sql{number}", extension=True) as connection:
        result["sql"] = timed(by_sql, connection, paths["csv"])
    with lab.database(f"users{number}", extension=True):
        result["users"] = by_users(f"users{number}", paths["csv"], rows)
    return result


def show(runs, memory):
    medians = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    for name, seconds in medians.items():
        print(f"{name:10} {seconds:8.2f} s")
    ours = medians["datasens"]
    rows = []
    if "copy" in medians:
        rows += [("time / COPY of ready rows", ours / medians["copy"], 1.2, False),
                 ("times COPY and INSERT ... ON CONFLICT", medians["sql"] / ours, 1.6, True),
                 ("times the users' Python", medians["users"] / ours, 50, True)]
    rows += [("the file once more / the first time", medians["again"] / ours, 1 / 3, False),
             ("MB of the collector's own above its start", memory.most / 1024, 64, False)]
    return tell("bulk", rows)


def into_stored(lab, stored, memory):
    """100,000 documents into an empty table and into one of so many; 95,000 others by COPY."""
    seconds = {}
    copy = os.path.join(lab.scratch, "small.txt")
    copy_file(os.path.join(lab.scratch, "web", "small.zip"), copy, "autre ")
    for name, n in (("empty", 0), ("stored", stored)):
        with lab.database(name, extension=True) as connection:
            connection.cursor().execute(
                "INSERT INTO datasens.document (id_flux, titre, texte, hash_fingerprint) "
                "SELECT 1, 'stored ' || i, repeat(md5(i::text), 9), "
                "encode(sha256(i::text::bytea), 'hex')::datasens.fingerprint "
                "FROM generate_series(1, %s) AS i ORDER BY 4", (n,))
            connection.cursor().execute("VACUUM ANALYZE datasens.document")
            connection.cursor().execute("CHECKPOINT")
            add(connection, "cent mille", lab.url("small.zip"))
            seconds[name], row = collect(connection, "cent mille", memory)
            assert row[0] == "succes", row
            connection.cursor().execute("CHECKPOINT")
            seconds["copy " + name] = timed(by_copy, connection, copy)
    for name, taken in seconds.items():
        print(f"{name:12} {taken:8.2f} s")
    tell("bulk", [(f"100,000 into {stored} / into none", seconds["stored"] / seconds["empty"],
                   None, False),
                  ("the same by COPY", seconds["copy stored"] / seconds["copy empty"], None, False)])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--stored", type=int, default=0)
    parser.add_argument("--only", choices=["datasens"])
    options = parser.parse_args()
    memory = MemoryWatch()
    with Lab(1, {"max_wal_size": "8GB"}) as lab:
        web = os.path.join(lab.scratch, "web")
        paths = {"zip": os.path.join(web, "documents.zip"),
                 "copy": os.path.join(lab.scratch, "copy.txt"),
                 "csv": os.path.join(lab.scratch, "documents.csv")}
        if options.stored:
            generate(os.path.join(web, "small.zip"), 100000, 2)
            into_stored(lab, options.stored, memory)
            return 0
        generate(paths["zip"], options.rows, 1)
        change_one_row(paths["zip"], os.path.join(web, "changed.zip"))
        unique = copy_file(paths["zip"], paths["copy"])
        subprocess.run(["unzip", "-q", "-d", lab.scratch, paths["zip"]], check=True)
        runs = [one_run(lab, i, paths, options.rows, unique, memory, options.only is None)
                for i in range(options.runs)]
        print(json.dumps(runs))
        return 0 if show(runs, memory) else 1


if __name__ == "__main__":
    sys.exit(main())
