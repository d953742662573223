#!/usr/bin/python3
"""What it costs that counts per source are kept up with the inserts.

Usage: counters.py [--feeds N] [--rows N] [--runs N]

Builds a second library from a copy of the sources in which the statements that write a
run's state leave the counts (etat_source.total_docs, dernier_apport) alone, and lets the
scheduled collector work with the one and the other in turn, each time in a new database:

    round   a first round of feeds: 40 documents each
    bulk    a zip with one file of documents, every twentieth a duplicate

Prints the medians of the rates by the time that passed and by the collector's time on a
processor, with counts and without.  The installation must be one's own, as its library is
exchanged: test/sandbox make -C bench counters.  Status 1 where a rate by the processor's time
is more than 3 % lower; by the clock it is as quiet as the machine.
"""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

from bulk import generate
from lab import HERE, Failed, Lab, pg_config, query, tell, value, wait_until
from measure_datasens import NEVER, add_sources, check_pass

BAR = 0.97
PER_FEED = 40
PATIENCE = 600
ROOT = os.path.dirname(HERE)
# What the copy has in the place of the lines that keep the counts.
WITHOUT = {"src/store/state.c": [
    (r'\n\s*"  dernier_apport = CASE WHEN r.collecte IS NULL [^\n]*\n\s*"  total_docs = [^\n]*"', ""),
    (r"(dernier_succes = coalesce\(r.succes, e.dernier_succes\)),", r"\1")]}


def build_without(scratch):
    """The library that keeps no counts."""
    copy = os.path.join(scratch, "source")
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", "build", "test"))
    for name, changes in WITHOUT.items():
        path = os.path.join(copy, name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for pattern, replacement in changes:
            text, n = re.subn(pattern, replacement, text)
            if n != 1:
                raise Failed(f"{name}: {pattern} is there {n} times")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    # By the system's pg_config, as the sandbox's has no headers.
    own = pg_config("--bindir")
    path = os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if part != own)
    subprocess.run(["make", "-s", "-C", copy, "with_llvm=no", "datasens.so"], check=True,
                   env={**os.environ, "PATH": path})
    return os.path.join(copy, "datasens.so")


def install(lab, library):
    """A server with that library; under a new name, as the old one is mapped."""
    lab.stop_cluster()
    target = os.path.join(pg_config("--pkglibdir"), "datasens.so")
    shutil.copy(library, target + ".new")
    os.chmod(target + ".new", 0o755)
    os.replace(target + ".new", target)
    lab.run_cluster()


def on_processor(connection):
    """Seconds that the database's collector has been on a processor: {pid: seconds}."""
    times = {}
    for (pid,) in query(connection, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'datasens collector'"):
        try:
            with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
                times[pid] = int(file.read().split()[0]) / 1e9
        except OSError:
            pass
    return times


def measure(connection, sources, documents):
    """Makes all due and waits for their runs: seconds by the clock, on a processor."""
    spent = {}

    def ended():
        spent.update(on_processor(connection))
        return value(connection, "SELECT count(*) FROM datasens.flux") >= sources

    start = time.perf_counter()
    connection.cursor().execute("SELECT datasens_collect_async()")
    wait_until(ended, PATIENCE, "the runs", 0.01)
    seconds = time.perf_counter() - start
    spent.update(on_processor(connection))
    check_pass(connection, 0, "succes", sources)
    stored = value(connection, "SELECT count(*) FROM datasens.document")
    if stored != documents:
        raise Failed(f"{stored} documents instead of {documents}")
    return seconds, sum(spent.values())


def one_run(lab, number, kept, rows):
    """Both measurements with the library that runs."""
    result = {}
    with lab.database(f"round{number}", extension=True) as connection:
        add_sources(connection, lab.urls(feeds=lab.feeds))
        result["round"] = measure(connection, lab.feeds, PER_FEED * lab.feeds)
        counted = value(connection, "SELECT sum(total_docs) FROM datasens.etat_source")
        if counted != (PER_FEED * lab.feeds if kept else 0):
            raise Failed(f"{counted} documents were counted")
    with lab.database(f"bulk{number}", extension=True) as connection:
        connection.cursor().execute("SELECT datasens_add_source('kaggle', 'fichier', %s, %s)",
                                    (lab.url("documents.zip"), NEVER))
        result["bulk"] = measure(connection, 1, rows - rows // 20)
    return result


def show(runs, documents):
    """The medians beside the bar; whether it is met."""
    rows = []
    for path in ("round", "bulk"):
        for i, what in enumerate(("the clock", "the processor's time")):
            with_counts, without = (documents[path] / statistics.median(run[path][i] for run in runs[kept])
                                    for kept in (True, False))
            print(f"{path}, documents a second by {what}: {with_counts:.0f} with counts, {without:.0f} without")
            rows.append((f"rate with counts to that without, {path}, {what}", with_counts / without,
                         BAR if i == 1 else None, True))
    return tell("counters", rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=200000)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    library = os.path.join(pg_config("--pkglibdir"), "datasens.so")
    if library.startswith("/usr/"):
        raise Failed("the library is the system's: run this as test/sandbox make -C bench counters")
    with Lab(options.feeds, {"max_wal_size": "8GB", "checkpoint_timeout": "1h"}) as lab:
        kept = os.path.join(lab.scratch, "with.so")
        shutil.copy(library, kept)
        lab.callback(shutil.copy, kept, library)
        libraries = {True: kept, False: build_without(lab.scratch)}
        generate(os.path.join(lab.scratch, "web", "documents.zip"), options.rows, 1)
        runs = {True: [], False: []}
        for i in range(2 * options.runs):
            which = i % 4 in (0, 3)     # with, without, without, with, ...
            install(lab, libraries[which])
            runs[which].append(one_run(lab, i, which, options.rows))
    return 0 if show(runs, {"round": PER_FEED * options.feeds,
                            "bulk": options.rows - options.rows // 20}) else 1


if __name__ == "__main__":
    sys.exit(main())
