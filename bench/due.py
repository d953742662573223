#!/usr/bin/python3
"""10,000 sources due in the same minute: all collected, none twice, memory bounded.

Usage: due.py [--sources N] [--few N]

Adds N sources whose cron expression names one minute that is just ahead, lets
the schedule do its work, and looks at what came of it: one run a source, all
of them good, every document there once.  Meanwhile it reads the collectors'
peak of memory of their own (without the server's shared buffers).  Does the
same with fewer sources first: memory is bounded if ten times the sources do not need
twice the memory; --few 0 leaves that out.  Status 1 unless all of that holds.
"""
import argparse
import datetime
import sys
import time

from lab import Failed, Lab, query, tell, value, wait_until
from idle import COLLECTORS
from measure_datasens import PATIENCE, add_sources, check_pass

FEEDS = 1000


def own_memory(pid):
    """Kilobytes of anonymous memory of a process; 0 when it has gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as text:
            return next((int(line.split()[1]) for line in text if line.startswith("RssAnon")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def coming_minute(connection, ahead):
    """The cron expression of a minute that is ahead by at least so many seconds, UTC."""
    now = value(connection, "SELECT now() AT TIME ZONE 'UTC'")
    due = now + datetime.timedelta(seconds=60 + ahead)
    return f"{due.minute} {due.hour} {due.day} {due.month} *"


def collect(lab, sources):
    """Lets so many sources fall due; seconds until the last has run, and the peak of memory in MB."""
    with lab.database("bench", extension=True) as connection:
        base = lab.urls()
        urls = (f"{base[i % len(base)]}?{i // len(base)}" for i in range(sources))
        add_sources(connection, urls, coming_minute(connection, 5 + sources / 400))
        peak = 0

        def finished():
            nonlocal peak
            peak = max([peak] + [own_memory(pid) for pid, in query(connection, COLLECTORS)])
            return value(connection, "SELECT count(*) FROM flux") >= sources

        wait_until(finished, PATIENCE + 90, f"{sources} runs", 0.02)
        if peak == 0:
            raise Failed("no collector was seen at work")
        time.sleep(2)  # a second run of a source would show by then
        check_pass(connection, 0, "succes", sources)
        documents = value(connection, "SELECT count(*) FROM document")
        if documents != 40 * min(sources, len(base)):
            raise Failed(f"{documents} documents stored")
        took = value(connection, "SELECT extract(epoch FROM max(date_collecte) - "
                     "date_trunc('minute', min(date_collecte))) FROM flux")
    print(f"{sources} sources due at once: all collected, none twice, the last "
          f"{took:.1f} s after the minute began; collector's own memory {peak / 1024:.0f} MB")
    return float(took), peak / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", type=int, default=10000)
    parser.add_argument("--few", type=int, default=1000)
    options = parser.parse_args()
    with Lab(FEEDS) as lab:
        few = collect(lab, options.few)[1] if options.few else None
        took, many = collect(lab, options.sources)
    rows = [(f"seconds until {options.sources} that are due at once have run", took, None, False),
            ("MB of the collector's own", many, None, False)]
    if few:
        rows += [(f"times the memory of {options.few}", many / few, 2, False)]
    return 0 if tell("due", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
