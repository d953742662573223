#!/usr/bin/python3
"""Idle with 10,000 sources: nobody wakes up, no CPU is used.

Usage: idle.py [--sources N] [--seconds N]

Adds the sources with a schedule that is far away, waits until the collectors have left,
and then compares what the kernel counted for the launcher (CPU time in
clock ticks, voluntary context switches: each wake-up is one) before and after
a time of nothing to do.  Status 1 unless both stayed the same, or if a
collector lived in that time.
"""
import argparse
import sys
import time

from lab import Lab, query, tell, wait_until
from measure_datasens import NEVER, add_sources

COLLECTORS = ("SELECT pid FROM pg_stat_activity WHERE backend_type LIKE 'datasens%' "
              "AND datname IS NOT NULL")
LAUNCHERS = ("SELECT pid FROM pg_stat_activity WHERE backend_type LIKE 'datasens%' "
             "AND datname IS NULL")


def counters(pid):
    """(CPU time in ticks, voluntary context switches) of a process."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as text:
        fields = text.read().rpartition(")")[2].split()
    with open(f"/proc/{pid}/status", encoding="utf-8") as text:
        switches = next(line for line in text if line.startswith("voluntary_ctxt_switches"))
    return int(fields[11]) + int(fields[12]), int(switches.split()[1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", type=int, default=10000)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    with Lab(1, {"datasens.linger": "1"}) as lab, lab.database("bench", True) as connection:
        url = lab.urls()[0]
        add_sources(connection, (f"{url}?{i}" for i in range(options.sources)), NEVER)
        # A collector may start only now, to learn what was added: gone is gone for 3 seconds.
        for _ in range(3):
            time.sleep(1)
            wait_until(lambda: not query(connection, COLLECTORS), 120, "collectors gone")
        launcher = query(connection, LAUNCHERS)[0][0]
        before = counters(launcher)
        time.sleep(options.seconds)
        ticks, switches = (b - a for a, b in zip(before, counters(launcher)))
        collectors = len(query(connection, COLLECTORS))
    what = f"of {options.sources} idle sources in {options.seconds} s"
    return 0 if tell("idle", [(f"ticks of CPU {what}", ticks, 0, False),
                              (f"wake-ups {what}", switches, 0, False),
                              (f"collectors {what}", collectors, 0, False)]) else 1


if __name__ == "__main__":
    sys.exit(main())
