"""What the Python rivals have in common: their table and the clock.

A rival is a function collect(urls, connect) that fetches the feeds and stores
their entries once.  main() runs it twice over the URLs of a file (one a line)
and prints the seconds of both passes as JSON; imports and the interpreter's
start are not counted.  The database is the environment's (PGHOST, ...).
"""
import hashlib
import json
import sys
import time

import psycopg2

# The users' tables, as their notebooks make them.
TABLES = """
DROP TABLE IF EXISTS document, flux;
CREATE TABLE flux (
    id_flux serial PRIMARY KEY, url text, date_collecte timestamp DEFAULT now(),
    statut varchar(20), etag text);
CREATE TABLE document (
    id_doc serial PRIMARY KEY, id_flux int, titre varchar, texte text, langue varchar(10),
    date_publication timestamptz, hash_fingerprint varchar(64) UNIQUE);
"""


def fingerprint(titre, texte):
    return hashlib.sha256(f"{titre} {texte}".encode()).hexdigest()


def connect():
    return psycopg2.connect("")


def timed(collect, urls):
    start = time.perf_counter()
    collect(urls, connect)
    return round(time.perf_counter() - start, 4)


def main(collect):
    with open(sys.argv[1], encoding="utf-8") as lines:
        urls = lines.read().split()
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(TABLES)
        connection.commit()
        result = {"first": timed(collect, urls), "second": timed(collect, urls)}
        cursor.execute("SELECT count(*) FROM document")
        result["stored"] = cursor.fetchone()[0]
    print(json.dumps(result))
