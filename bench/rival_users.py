#!/usr/bin/python3
"""Rival (a), the users' way, as their notebook has it.  Usage: rival_users.py URLS

Feed after feed: feedparser fetches and parses, pandas holds the entries, reads their dates,
adds the fingerprints and drops duplicates; then a row of flux and the documents go in through
SQLAlchemy, one statement a row, in a transaction a feed.  Their copy of each feed as a CSV
file and their pause of a second between two feeds are left out.
"""
import feedparser
import pandas
import sqlalchemy

import rivals


def read(url):
    """The entries of a feed that have a title and a text, as a data frame."""
    rows = []
    for entry in feedparser.parse(url).entries:
        titre = entry.get("title", "").strip()
        texte = (entry.get("summary", "") or entry.get("description", "")).strip()
        if titre and texte:
            rows.append({"titre": titre, "texte": texte, "langue": "fr", "date_publication":
                         pandas.to_datetime(entry.get("published", ""), errors="coerce")})
    frame = pandas.DataFrame(rows)
    frame["hash_fingerprint"] = frame.apply(
        lambda row: rivals.fingerprint(row["titre"], row["texte"]), axis=1)
    return frame.drop_duplicates(subset=["hash_fingerprint"])


def insert(connection, id_flux, frame):
    """Inserts the rows one by one; returns how many were new."""
    inserted = 0
    for _, row in frame.iterrows():
        date = row["date_publication"]
        result = connection.execute(sqlalchemy.text("""
            INSERT INTO document (id_flux, titre, texte, langue, date_publication, hash_fingerprint)
            VALUES (:id_flux, :titre, :texte, :langue, :date, :hash)
            ON CONFLICT (hash_fingerprint) DO NOTHING RETURNING id_doc"""), {
                "id_flux": id_flux, "titre": row["titre"], "texte": row["texte"],
                "langue": row["langue"], "date": None if pandas.isna(date) else date,
                "hash": row["hash_fingerprint"]})
        inserted += result.fetchone() is not None
    return inserted


def collect(urls, connect):
    engine = sqlalchemy.create_engine("postgresql+psycopg2://", creator=connect)
    for url in urls:
        frame = read(url)
        with engine.begin() as connection:
            id_flux = connection.execute(sqlalchemy.text(
                "INSERT INTO flux (url, statut) VALUES (:url, 'succes') RETURNING id_flux"),
                {"url": url}).scalar()
            insert(connection, id_flux, frame)


if __name__ == "__main__":
    rivals.main(collect)
