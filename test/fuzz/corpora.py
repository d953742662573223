#!/usr/bin/env python3
"""Gives every file of the corpora, whole, to the parsers that read such files.

usage: corpora.py FUZZ CORPORA DIRECTORY

FUZZ is build/fuzz; DIRECTORY, made anew, gets the inputs as the targets take them (an archive's
members, a list's cases: one each).  Prints a line a target; fails where a sanitizer or an
invariant finds something, and where a file is in nobody's way.  (The seeds of seeds.py are
of the same files, but small, for a fuzzer has to be quick.)
"""

import base64
import shutil
import subprocess
import sys
from pathlib import Path

from seeds import EXPRESSIONS, lines, members, unpacked

# What is expected of the inputs, and what is about them.
BESIDE = ("*.md", "tools/*", "*/expected.json", "*/expected.jsonl", "feeds/feedparser/expected.jsonl",
          "feeds/real/reference.jsonl", "gdelt/columns.json", "html/*/ground-truth.json",
          "html/*/peers-*.tsv", "html/segments/segments.json", "cron/robfig_*.jsonl",
          "robots/google_other.jsonl")


def feed(path):
    text = path.read_bytes()
    return [("feed", text), ("charset", b"\n" + text), ("html", text)]


def page(path):
    text = unpacked(path)
    expression = EXPRESSIONS[len(text) % len(EXPRESSIONS)].encode()
    return [("article", text), ("charset", b"\n" + text), ("html", text),
            ("xpath", expression + b"\n" + text)]


def archive(path):
    return [("archive", path.read_bytes()), ("zip", path.read_bytes())]


def table(path):
    return archive(path) + [(target, prefix + member) for member in members([path], -1)
                            for target, prefix in (("csv", b"\xff\xff"), ("charset_stream", b"\0\xff"))]


def batch(path):
    return archive(path) + [("gdelt", member) for member in members([path], -1)]


def robots(path):
    for case in lines(path):
        text = base64.b64decode(case["robots_b64"]) if "robots_b64" in case else case["robots"].encode()
        for url in {case.get("url", "")} | {fact["url"] for fact in case.get("cas", [])}:
            yield "robots", url.encode() + b"\n" + text


def weather(path):
    for case in lines(path):
        yield "weather", case["body"].encode()
        yield "json", b"weather[*]\n" + case["body"].encode()


# Which files, and what becomes of one.
KINDS = (
    ("feeds/feedparser/**/*.xml", feed),
    ("feeds/real/*", feed),
    ("feeds/feedparser/dates.jsonl",
     lambda path: [(target, case["entree"].encode()) for case in lines(path) for target in ("date", "date_find")]),
    ("html/*/html/*", page),
    ("robots/google_cases.jsonl", robots),
    ("robots/real.jsonl", robots),
    ("gdelt/**/*.zip", batch),
    ("gdelt/**/*.txt", lambda path: [("gdelt_list", b"\xff" + path.read_bytes())]),
    ("owm/*.jsonl", weather),
    ("kaggle/*.zip", table),
    ("cron/[nv]*.jsonl",
     lambda path: [("cron", b"\0\0\0\0\x9c\x8f\x01\0" + case["expression"].encode()) for case in lines(path)]),
    ("opml/*.opml", lambda path: [("opml", path.read_bytes())]),
)


def gather(corpora):
    """By target: its inputs, and the files that they are of.  Then the files that are in no target."""
    inputs, sources = {}, {}
    beside = {path for pattern in BESIDE for path in corpora.glob(pattern)}
    seen = set(beside)
    for pattern, split in KINDS:
        for path in sorted(set(corpora.glob(pattern)) - beside):
            if path.is_file():
                seen.add(path)
                for target, data in split(path):
                    inputs.setdefault(target, set()).add(data)
                    sources.setdefault(target, set()).add(path)
    return inputs, sources, {path for path in corpora.rglob("*") if path.is_file()} - seen


def run(fuzz, target, inputs, directory):
    """The target over the inputs; what it said, where that was a finding."""
    folder = directory / target
    folder.mkdir(parents=True)
    for number, data in enumerate(sorted(inputs)):
        (folder / str(number)).write_bytes(data)
    paths = [str(path) for path in sorted(folder.iterdir())]
    for first in range(0, len(paths), 1000):
        done = subprocess.run([fuzz, target, "-timeout=60", "-rss_limit_mb=2048", *paths[first:first + 1000]],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            return done.stdout.decode(errors="replace")[-8000:]
    return None


def main(fuzz, corpora, directory):
    directory = Path(directory)
    shutil.rmtree(directory, ignore_errors=True)
    inputs, sources, unread = gather(Path(corpora))
    status = 0
    print(f"{'target':15} {'files':>6} {'inputs':>7} {'bytes':>11}")
    for target in sorted(inputs):
        found = run(fuzz, target, inputs[target], directory)
        print(f"{target:15} {len(sources[target]):6} {len(inputs[target]):7} "
              f"{sum(map(len, inputs[target])):11}  {'no finding' if found is None else 'FOUND:'}", flush=True)
        if found is not None:
            print(found)
            status = 1
    print(f"{len(set().union(*sources.values()))} files")
    for path in sorted(unread):
        print(f"{path}: no parser is given this file")
        status = 1
    return status


sys.exit(main(*sys.argv[1:]))
