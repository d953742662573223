#!/usr/bin/python3
"""One URL that takes 10 seconds among 100 fast ones: nobody waits for it.

Usage: slow.py

Makes all 101 sources due at once and takes the time until the documents of the 100
can be seen by another session; status 1 unless that is within a second, and
unless the slow one's documents come as well.
"""
import sys
import time

from lab import Failed, Lab, tell, value, wait_until
from measure_datasens import add_sources, await_runs, check_pass

FAST = 100
SLOW_MS = 10000


def main():
    with Lab(FAST + 1) as lab, lab.database("bench", extension=True) as connection:
        urls = lab.urls()[:FAST] + lab.urls(SLOW_MS)[FAST:]
        add_sources(connection, urls[FAST:] + urls[:FAST])
        start = time.perf_counter()
        connection.cursor().execute("SELECT datasens_collect_async('rss')")
        wait_until(lambda: value(connection, "SELECT count(*) FROM document") >= 40 * FAST, 60,
                   "the fast ones' documents", 0.01)
        fast = time.perf_counter() - start
        await_runs(connection, FAST + 1)
        slow = time.perf_counter() - start
        check_pass(connection, 0, "succes", FAST + 1)
    if slow < SLOW_MS / 1000:
        raise Failed(f"the slow source came after {slow:.2f} s")
    return 0 if tell("slow", [(f"seconds to {FAST} fast sources beside a slow one", fast, 1, False),
                              ("seconds to the slow one", slow, None, False)]) else 1


if __name__ == "__main__":
    sys.exit(main())
