#!/usr/bin/python3
"""What it costs that what feeds answer is archived (the option "archiver").

Usage: archive.py [--feeds N] [--runs N]

The scheduled collector has a first round of feeds, 40 documents each, with the option and
without, in turn, each time in a new database; the clock runs until all documents can be
seen, for the archive then until every flux names its object in a directory.  Prints the
medians and how much the archive takes.
"""
import argparse
import os
import statistics

from lab import Lab, tell, value, wait_until
from measure_datasens import PATIENCE, add_sources, check_pass, connect, one_pass


def measure(lab, options):
    """Seconds of the round, and until all of it is archived (or 0)."""
    with lab.database("bench", extension=True):
        connection = connect("bench")
        urls = lab.urls(feeds=lab.feeds)
        add_sources(connection, urls, options=options)
        connection.cursor().execute("SELECT pg_stat_reset()")
        seconds = one_pass(connection, len(urls))
        check_pass(connection, 0, "succes", len(urls))
        archived = 0.0
        if options != "{}":
            wait_until(lambda: not value(connection, "SELECT count(*) FROM archive"), PATIENCE, "the archive")
            archived = value(connection, "SELECT extract(epoch FROM clock_timestamp() - min(date_collecte))::float"
                             " FROM flux WHERE manifest_uri IS NOT NULL HAVING count(*) = %d" % len(urls))
        connection.close()
        return seconds, archived


def size_of(directory):
    """Bytes of the files below it, and how many there are."""
    sizes = [os.path.getsize(os.path.join(path, name))
             for path, _, names in os.walk(directory) for name in names]
    return sum(sizes), len(sizes)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with Lab(feeds=options.feeds) as lab:
        archive = os.path.join(lab.scratch, "archive")
        with lab.database("setting") as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute("ALTER SYSTEM SET datasens.archive_url = %s", ("file://" + archive,))
            cursor.execute("SELECT pg_reload_conf()")
        without, with_it, archived = [], [], []
        for run in range(options.runs):
            without.append(measure(lab, "{}")[0])
            seconds, until = measure(lab, '{"archiver": true}')
            with_it.append(seconds)
            archived.append(until)
            print(f"run {run + 1}: {without[-1]:.2f} s without, {seconds:.2f} s with, "
                  f"all archived after {until:.2f} s", flush=True)
        size, count = size_of(archive)
    median = statistics.median
    return 0 if tell("archive", [
        ("rate with the archive, of that without", median(without) / median(with_it), None, True),
        ("seconds until all is archived", median(archived), None, False),
        ("objects a second in the directory", options.feeds / median(archived), None, True),
        ("kB a feed in the archive", size / count / 1024, None, False)]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
