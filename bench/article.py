#!/usr/bin/python3
"""Pages extracted a second, by one process, beside the strongest extractor Debian packages.

Usage: article.py [--runs N]

The pages are those of test/corpus/article, all sets of DATASENS_CORPORA where that is set.
Both sides have them in memory and are measured by the processor's time, in turns; the
fastest run of each counts, for whatever else the machine does only adds to a time.
Status 1 where we are not ten times as fast.
"""
import argparse
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from lab import tell

HERE = pathlib.Path(__file__).parent
PROGRAM = HERE.parent / "build" / "bench" / "article_dump"
ROUNDS = 10  # of ours in a run, lest it be too short to be measured
BAR = 10


def unpack(scratch):
    """Unpacks the pages into a directory; their paths."""
    root = pathlib.Path(os.environ.get("DATASENS_CORPORA") or HERE.parent / "test/corpus/article")
    paths = []
    for number, packed in enumerate(sorted(root.glob("html/*/html/*.html.gz"))):
        paths.append(pathlib.Path(scratch, f"{number}.html"))
        paths[-1].write_bytes(gzip.decompress(packed.read_bytes()))
    return [str(path) for path in paths]


def pages_a_second(*command):
    """Runs a program that prints seconds and pages."""
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    result = json.loads(output)
    return result["pages"] / result["seconds"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    ours, theirs = 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        paths = unpack(scratch)
        for _ in range(options.runs):
            ours = max(ours, pages_a_second(PROGRAM, "--time", str(ROUNDS), *paths))
            rival = (sys.executable, HERE / "rival_readability.py", *paths)
            theirs = max(theirs, pages_a_second(*rival))
    return 0 if tell("article", [(f"of {len(paths)} pages, extracted a second", ours, None, True),
                                 ("times python3-readability", ours / theirs, BAR, True)]) else 1


if __name__ == "__main__":
    sys.exit(main())
