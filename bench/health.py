#!/usr/bin/python3
"""Health of a thousand sources with ten million documents: figures are kept, not counted.

Usage: health.py [--sources N] [--documents N]

Stores the documents by SQL, each source's with its run, as collectors leave them, and times
datasens_health() beside the users' query, which counts.  Status 1 unless it takes under 20 ms.
"""
import argparse
import statistics
import sys
import time

from lab import Lab, query, tell, value
from measure_datasens import NEVER, add_sources

BAR = 20  # milliseconds
RUNS = 11
USERS = """SELECT s.nom, count(d.id_doc), max(f.date_collecte), now() - max(f.date_collecte)
    FROM source s LEFT JOIN flux f ON s.id_source = f.id_source
    LEFT JOIN document d ON f.id_flux = d.id_flux GROUP BY s.nom"""


def fill(connection, documents):
    """Gives each source one run with its share of the documents."""
    for statement in (
            "INSERT INTO flux (id_source, statut, nb_lus, nb_inseres) SELECT id_source, 'succes', "
            "%(each)s, %(each)s FROM source ORDER BY id_source",
            "INSERT INTO document (id_flux, titre, hash_fingerprint) SELECT id_flux, n::text, "
            "sha256(int8send(id_flux) || int8send(n))::fingerprint FROM flux, "
            "generate_series(1::bigint, %(each)s) AS n",
            "UPDATE etat_source SET total_docs = %(each)s, derniere_collecte = now(), "
            "dernier_succes = now()",
            "VACUUM ANALYZE document"):
        each = documents // value(connection, "SELECT count(*) FROM source")
        connection.cursor().execute(statement, {"each": each})


def milliseconds(connection, sql, runs):
    """The median of so many runs, after one that warms up."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        query(connection, sql)
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times[1:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", type=int, default=1000)
    parser.add_argument("--documents", type=int, default=10000000)
    options = parser.parse_args()
    with Lab(1, {"max_wal_size": "8GB"}) as lab, lab.database("bench", True) as connection:
        url = lab.urls()[0]
        add_sources(connection, (f"{url}?{i}" for i in range(options.sources)), NEVER)
        fill(connection, options.documents)
        ours = milliseconds(connection, "SELECT * FROM datasens_health()", RUNS)
        users = milliseconds(connection, USERS, 1)
    return 0 if tell("health", [(f"ms, {options.sources} sources, {options.documents} documents",
                                 ours, BAR, False),
                                ("times the users' query", users / ours, None, True)]) else 1


if __name__ == "__main__":
    sys.exit(main())
