#!/usr/bin/python3
"""Rival (b), what is done about (a) first: the same libraries with 16 threads, a connection
that is kept a thread, and one statement for each 1,000 rows.  Usage: rival_feedparser.py URLS"""
import concurrent.futures
import datetime
import threading

import feedparser
import requests
from psycopg2.extras import execute_values

import rivals

THREADS = 16
BATCH = 1000
local = threading.local()


def fetch(url):
    if not hasattr(local, "session"):
        local.session = requests.Session()
    return url, feedparser.parse(local.session.get(url, timeout=30).content)


def rows(id_flux, feed):
    for entry in feed.entries:
        titre, texte = entry.get("title", ""), entry.get("summary", "")
        date = entry.get("published_parsed") or entry.get("updated_parsed")
        yield (id_flux, titre, texte, feed.feed.get("language", "fr"),
               date and datetime.datetime(*date[:6], tzinfo=datetime.timezone.utc),
               rivals.fingerprint(titre, texte))


def store(cursor, batch):
    execute_values(cursor, """
        INSERT INTO document (id_flux, titre, texte, langue, date_publication, hash_fingerprint)
        VALUES %s ON CONFLICT (hash_fingerprint) DO NOTHING""", batch, page_size=BATCH)
    cursor.connection.commit()
    batch.clear()


def collect(urls, connect):
    batch = []
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool, \
            connect() as connection, connection.cursor() as cursor:
        for url, feed in pool.map(fetch, urls):
            cursor.execute("INSERT INTO flux (url, statut) VALUES (%s, 'succes') "
                           "RETURNING id_flux", (url,))
            batch.extend(rows(cursor.fetchone()[0], feed))
            if len(batch) >= BATCH:
                store(cursor, batch)
        store(cursor, batch)


if __name__ == "__main__":
    rivals.main(collect)
