#!/usr/bin/python3
"""1,000 feeds of 40 entries to 40,000 stored documents: datasens beside what a user would
pick instead, and beside the limits of its parts, in one run on one machine.

Usage: feeds.py [--runs N] [--slow-runs N] [--feeds N] [--rival-feeds N]

Everything is measured in turns, N times (3; the slow rivals once), and the
median counts.  The first pass stores all, the second meets unchanged feeds.
Ends with the bars, and with status 1 unless each is met.  Where datasens is not installed the
others are measured.  With --rival-feeds the slow rivals (a) and (b) collect so
many feeds only; their figures are then extrapolated, and the table says so.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

from lab import BUILD, HERE, Failed, Lab, tell

LATENCY = 100  # milliseconds, in the columns and rows that say so
PYTHON_ONE = ("rival_lxml.py", "--processes", "1")
# name of the row -> command, latency in milliseconds, whether it is slow
ROWS = {
    "datasens": (("measure_datasens.py",), 0, False),
    "datasens, 100 ms": (("measure_datasens.py",), LATENCY, False),
    "(a) users' Python": (("rival_users.py",), 0, True),
    "(b) feedparser, 16 threads": (("rival_feedparser.py",), 0, True),
    "(c) lxml, a process a core": (("rival_lxml.py",), 0, False),
    "(c) the same, 100 ms": (("rival_lxml.py", "--threads", "50"), LATENCY, False),
    "(c) lxml, one process": (PYTHON_ONE, 0, False),
    "(c) one process, no ETag": (PYTHON_ONE + ("--unconditional",), 0, False),
    "limit: libcurl": (("limit_curl",), 0, False),
    "limit: libcurl, 100 ms": (("limit_curl",), LATENCY, False),
    "limit: SAX and SHA-256": (("limit_sax",), 0, False),
    "limit: COPY": (("limit_copy.sh",), 0, False),
}
CONNECTIONS = "128"  # what datasens.max_connections is by default


def command(lab, row, feeds):
    """The command of a row, with what it is to be given."""
    (program, *options), latency, _ = ROWS[row]
    if program == "limit_curl":
        return [os.path.join(BUILD, program), lab.url_file(latency, feeds), CONNECTIONS]
    if program == "limit_sax":
        web = os.path.join(lab.scratch, "web")
        return [os.path.join(BUILD, program)] + [os.path.join(web, f) for f in os.listdir(web)]
    if program == "limit_copy.sh":
        return [os.path.join(HERE, program), os.path.join(lab.scratch, "rows.copy")]
    if program == "measure_datasens.py":
        options = ["bench"]
    return [os.path.join(HERE, program), lab.url_file(latency, feeds), *options]


def measure(lab, row, feeds):
    """Runs a row once in a new database; returns what it printed."""
    with lab.database("bench", extension=row.startswith("datasens")):
        done = subprocess.run(command(lab, row, feeds), stdout=subprocess.PIPE, text=True,
                              env=dict(os.environ, PGDATABASE="bench"), check=False)
    if done.returncode != 0:
        raise Failed(f"{row} failed: {done.stdout}")
    result = json.loads(done.stdout)
    if result.get("stored", 40 * feeds) != 40 * feeds:
        raise Failed(f"{row} stored {result['stored']} documents, not {40 * feeds}")
    return result


def measure_all(lab, options):
    """{row: {"first": median seconds, "second": ...}} after all turns."""
    times = {row: {"first": [], "second": []} for row in ROWS
             if lab.extension or not row.startswith("datasens")}
    for turn in range(max(options.runs, options.slow_runs)):
        for row in times:
            slow = ROWS[row][2]
            if turn >= (options.slow_runs if slow else options.runs):
                continue
            feeds = min(options.feeds, options.rival_feeds if slow else options.feeds)
            print(f"  turn {turn + 1}: {row}", file=sys.stderr)
            result = measure(lab, row, feeds)
            for which in ("first", "second"):
                if which in result:
                    times[row][which].append(result[which] * options.feeds / feeds)
    return {row: {which: statistics.median(each) for which, each in passes.items() if each}
            for row, passes in times.items()}


def print_table(medians, options):
    print(f"\n{options.feeds} feeds, {40 * options.feeds} documents; seconds, medians of "
          f"{options.runs} (the slow rivals: {options.slow_runs})\n")
    print(f"{'':32}{'first pass':>12}{'second pass':>14}")
    for row, passes in medians.items():
        figures = "".join(f"{passes[which]:>{width}.3f}" if which in passes else " " * width
                          for which, width in (("first", 12), ("second", 14)))
        sampled = ROWS[row][2] and options.rival_feeds < options.feeds
        print(f"{row:32}{figures}" +
              (f"   extrapolated from {options.rival_feeds} feeds" if sampled else ""))


def bars(medians):
    """(what, measured, bar, whether more is better) of each bar."""
    own, late = medians["datasens"], medians["datasens, 100 ms"]
    curl = medians["limit: libcurl"]
    limits = sum(medians[row]["first"] for row in
                 ("limit: libcurl", "limit: SAX and SHA-256", "limit: COPY"))

    def faster(row, which):
        return medians[row][which] / own[which]

    return [
        ("first pass: times the users' Python", faster("(a) users' Python", "first"), 60, True),
        ("first pass: times feedparser, 16 threads", faster("(b) feedparser, 16 threads", "first"), 30, True),
        ("first pass: times lxml, one process as we are",
         faster("(c) lxml, one process", "first"), 2.5, True),
        ("first pass: times lxml, a process a core",
         faster("(c) lxml, a process a core", "first"), None, True),
        ("first pass / sum of libcurl, SAX and SHA, COPY alone", own["first"] / limits, 2, False),
        ("second pass: times lxml, one process, no ETag",
         faster("(c) one process, no ETag", "second"), 10, True),
        ("second pass: times lxml, a process a core, ETag",
         faster("(c) lxml, a process a core", "second"), None, True),
        ("second pass / libcurl alone", own["second"] / curl["second"], 5, False),
        ("first pass with 100 ms: seconds longer", late["first"] - own["first"], 2, False),
        ("second pass with 100 ms: seconds longer", late["second"] - own["second"], 2, False),
    ]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--slow-runs", type=int, default=1)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--rival-feeds", type=int, default=sys.maxsize)
    options = parser.parse_args()
    with Lab(options.feeds) as lab:
        medians = measure_all(lab, options)
    print_table(medians, options)
    if "datasens" not in medians:
        raise Failed("datasens is not installed (make install): its rows and the bars are left out")
    return 0 if tell("feeds", bars(medians)) else 1


if __name__ == "__main__":
    sys.exit(main())
