#!/usr/bin/env python3
"""Lists the feed files below a directory as CSV: a name, and the URL that they are served at.

    list_feeds.py DIRECTORY BASE_URL

Every regular file counts as a feed but hidden ones, lists of JSON lines, and JSON that is no
JSON Feed.  File names may be of any bytes; one that is not UTF-8 is named by its URL.
"""
import csv
import os
import sys
import urllib.parse


def is_feed(path):
    name = os.path.basename(path)
    if name.startswith(b".") or name.endswith(b".jsonl") or not os.path.isfile(path):
        return False
    if not name.endswith(b".json"):
        return True
    with open(path, "rb") as file:
        return b"jsonfeed.org/version" in file.read(4096)


def main(directory, base):
    directory = os.fsencode(directory)
    writer = csv.writer(open(sys.stdout.fileno(), "w", encoding="utf-8", newline=""))
    for folder, folders, files in os.walk(directory):
        folders[:] = sorted(f for f in folders if not f.startswith(b"."))
        for name in sorted(files):
            path = os.path.join(folder, name)
            if not is_feed(path):
                continue
            relative = os.path.relpath(path, directory)
            quoted = urllib.parse.quote(relative)
            try:
                shown = relative.decode("utf-8")
            except UnicodeDecodeError:
                shown = quoted
            writer.writerow([shown, base + quoted])


main(*sys.argv[1:])
