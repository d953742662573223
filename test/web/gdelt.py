#!/usr/bin/env python3
"""Lays out slices of GDELT as its server does, made of the real files of test/corpus/gdelt.

    gdelt.py [--rows N,...] [--streams export,mentions,gkg] [--translated] DIRECTORY STAMP...

Writes STAMP.export.CSV.zip and so on into the directory and prints the lines by which lists
name them: size, MD5, URL.  The rows are those of the real files, as often as it takes (N of
each stream, or one N for all; else as many as there are), with ids, times and addresses of
their own: nothing comes twice.  Python's standard library only; the same arguments make the same bytes.
"""
import argparse
import calendar
import hashlib
import io
import pathlib
import time
import zipfile

CORPUS = pathlib.Path(__file__).resolve().parent.parent / "corpus" / "gdelt"
BASE = "http://data.gdeltproject.org/gdeltv2/"
STREAMS = {"export": "export.CSV", "mentions": "mentions.CSV", "gkg": "gkg.csv"}
SAMPLES = {False: "20150218230000.", True: "20150218224500.translation."}
SLOT = 900
MAX_ROWS = 100000


def read_rows(stream, translated):
    with zipfile.ZipFile(CORPUS / f"{SAMPLES[translated]}{STREAMS[stream]}.zip") as archive:
        data = archive.read(archive.namelist()[0]).decode("utf-8")
    return [line.split("\t") for line in data.split("\n") if line]


def slot_number(stamp):
    return calendar.timegm(time.strptime(stamp, "%Y%m%d%H%M%S")) // SLOT


def event_id(slot, i, translated):
    return str((slot * 2 + translated) * MAX_ROWS + i)


def make_row(stream, row, stamp, i, translated):
    """The i-th row of a slice out of one of the sample's."""
    row = list(row)
    slot = slot_number(stamp)
    mark = f"{'&' if '?' in row[-1] else '?'}s={stamp}-{i}"
    if stream == "export":
        row[0], row[59], row[60] = event_id(slot, i, translated), stamp, row[60] + mark
    elif stream == "mentions":
        row[0], row[2], row[5] = event_id(slot, i, translated), stamp, f"{row[5]}#s={stamp}-{i}"
    else:
        row[0] = f"{stamp}-{'T' if translated else ''}{i}"
        row[1], row[4] = stamp, f"{row[4]}#s={stamp}-{i}"
    return "\t".join(row)


def make_file(directory, stream, stamp, rows, n, translated):
    """Writes one file and returns the line that names it."""
    name = f"{stamp}.{'translation.' if translated else ''}{STREAMS[stream]}"
    lines = [make_row(stream, rows[i % len(rows)], stamp, i, translated)
             for i in range(n or len(rows))]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        entry = zipfile.ZipInfo(name, date_time=time.strptime(stamp, "%Y%m%d%H%M%S")[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, "\n".join(lines) + "\n")
    data = packed.getvalue()
    (pathlib.Path(directory) / f"{name}.zip").write_bytes(data)
    return f"{len(data)} {hashlib.md5(data).hexdigest()} {BASE}{name}.zip"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default="0")
    parser.add_argument("--streams", default=",".join(STREAMS))
    parser.add_argument("--translated", action="store_true")
    parser.add_argument("directory")
    parser.add_argument("stamps", nargs="+")
    args = parser.parse_args()
    samples = {stream: read_rows(stream, args.translated) for stream in args.streams.split(",")}
    counts = [int(n) for n in args.rows.split(",")]
    counts *= len(samples) if len(counts) == 1 else 1
    for stamp in args.stamps:
        for (stream, rows), n in zip(samples.items(), counts, strict=True):
            print(make_file(args.directory, stream, stamp, rows, n, args.translated))


if __name__ == "__main__":
    main()
