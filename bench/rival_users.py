#!/usr/bin/python3
"""Rival (a), the users' way: requests, feedparser and SQLAlchemy, one feed after the other,
one row at a time, as in a notebook.  Usage: rival_users.py URLS"""
import datetime

import feedparser
import requests
import sqlalchemy

import rivals

FLUX = sqlalchemy.text("INSERT INTO flux (url, statut) VALUES (:url, 'succes') RETURNING id_flux")
DOCUMENT = sqlalchemy.text("""
    INSERT INTO document (id_flux, titre, texte, langue, date_publication, hash_fingerprint)
    VALUES (:id_flux, :titre, :texte, :langue, :date, :hash)
    ON CONFLICT (hash_fingerprint) DO NOTHING""")


def collect(urls, connect):
    engine = sqlalchemy.create_engine("postgresql+psycopg2://", creator=connect)
    for url in urls:
        feed = feedparser.parse(requests.get(url, timeout=30).content)
        with engine.begin() as connection:
            id_flux = connection.execute(FLUX, {"url": url}).scalar()
            for entry in feed.entries:
                titre, texte = entry.get("title", ""), entry.get("summary", "")
                date = entry.get("published_parsed") or entry.get("updated_parsed")
                connection.execute(DOCUMENT, {
                    "id_flux": id_flux, "titre": titre, "texte": texte,
                    "langue": feed.feed.get("language", "fr"),
                    "date": date and datetime.datetime(*date[:6], tzinfo=datetime.timezone.utc),
                    "hash": rivals.fingerprint(titre, texte)})


if __name__ == "__main__":
    rivals.main(collect)
