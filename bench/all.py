#!/usr/bin/python3
"""Every measurement at a small size, and one table of what came of it: in under five minutes.

Usage: all.py [NAME...]

The bars are those of the full sizes (docs/BENCHMARKS.md): at a small one what a process costs
at its start weighs more, so a missed bar is told and no more.  Status 1 where a measurement
broke, or its results were wrong.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

from lab import HERE

# name -> the runs of its program
RUNS = {
    "feeds": [["--feeds", "500", "--rival-feeds", "40", "--runs", "1"]],
    "slow": [[]],
    "due": [["--sources", "1000", "--few", "0"]],
    "idle": [["--sources", "1000", "--seconds", "10"]],
    "bulk": [["--rows", "100000", "--runs", "1"]],
    "gdelt": [["--slices", "16"], ["--years", "11"]],
    "article": [["--runs", "1"]],
    "crawl": [["--hosts", "5", "--articles", "20"]],
    "health": [["--sources", "200", "--documents", "200000"]],
    "counters": [["--feeds", "200", "--rows", "20000", "--runs", "2"]],
    "backup": [["--size", "0.1", "--feeds", "100", "--rounds", "3"]],
    "archive": [["--feeds", "200", "--runs", "1"]],
}


def measure(name, arguments):
    """Runs a program; the rows that it told (lab.tell), none where it broke."""
    with tempfile.NamedTemporaryFile("r", suffix=".rows") as rows:
        done = subprocess.run([sys.executable, os.path.join(HERE, f"{name}.py"), *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env=dict(os.environ, BENCH_ROWS=rows.name), check=False)
        told = [json.loads(line) for line in rows]
    if not told:
        print(f"--- {name} {' '.join(arguments)}\n{done.stdout[-3000:]}", file=sys.stderr)
    return told


def main():
    start = time.monotonic()
    rows, broken = [], []
    for name in sys.argv[1:] or RUNS:
        for arguments in RUNS[name]:
            print(f"{time.monotonic() - start:4.0f} s: {name} {' '.join(arguments)}", file=sys.stderr)
            told = measure(name, arguments)
            rows += told
            broken += [] if told else [name]
    print(f"\n{'':9}{'':56}{'measured':>10}{'bar at full size':>20}")
    for bench, what, measured, bar, more in rows:
        beside = "" if bar is None else f"{'>=' if more else '<='} {bar:.2f}"
        mark = "" if bar is None or (measured >= bar if more else measured <= bar) else "  missed"
        print(f"{bench:9}{what:56}{measured:>10.2f}{beside:>20}{mark}")
    print(f"\n{time.monotonic() - start:.0f} seconds" + "".join(f"; {name} BROKE" for name in broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
