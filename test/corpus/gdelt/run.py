#!/usr/bin/env python3
"""Holds the readers of GDELT's lines to Python's csv module: run.py GDELT_DUMP [DIRECTORY].

The zips of DIRECTORY (by default this one, and the larger ones of DATASENS_CORPORA where that
is set) are read by csv with tabs and no quoting, and by
gdelt_dump; every line, every column and every typed value must be the same.  Prints TAP.
"""
import calendar
import csv
import datetime
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).parent
SHOW = 5


def text(value):
    return value or None


def whole(value):
    return int(value) if value else None


def real(value):
    return float(value) if value else None


def micros(value):
    if not value:
        return None
    then = datetime.datetime.strptime(value, "%Y%m%d%H%M%S")
    return calendar.timegm(then.timetuple()) * 1000000


def day(value):
    if not value:
        return None
    return (datetime.datetime.strptime(value, "%Y%m%d") - datetime.datetime(1970, 1, 1)).days


def language(info):
    """The two-letter codes are checked for the languages that the files have."""
    if not info:
        return "en"
    known = {"ara": "ar", "ces": "cs", "fra": "fr", "ita": "it", "por": "pt", "slv": "sl",
             "spa": "es", "srp": "sr", "tur": "tr", "vie": "vi"}
    return known[re.search(r"srclc:(\w+)", info).group(1)]


# key of the dump: column (from 1, as columns are documented) and how it reads
TYPED = {
    "export": {
        "id": (1, whole), "day": (2, day), "acteur1": (7, text), "acteur2": (17, text),
        "type23": (25, text), "racine": (26, lambda v: int(v == "1")), "code_event": (27, text),
        "classe": (30, whole), "goldstein": (31, real), "nb_mentions": (32, whole),
        "nb_sources": (33, whole), "nb_articles": (34, whole), "avg_tone": (35, real),
        "lieu1": (37, text), "lat2": (49, real), "lieu": (53, text), "pays": (54, text),
        "lat": (57, real), "lon": (58, real), "feature": (59, text), "date_ajout": (60, micros),
        "url": (61, text),
    },
    "mentions": {
        "id": (1, whole), "date_event": (2, micros), "date_mention": (3, micros),
        "type": (4, whole), "source": (5, text), "identifiant": (6, text), "phrase": (7, whole),
        "offset1": (8, whole), "offset2": (9, whole), "offset": (10, whole), "brut": (11, whole),
        "confiance": (12, whole), "longueur": (13, whole), "tone": (14, real),
        "langue": (15, language),
    },
    "gkg": {
        "id": (1, text), "date": (2, micros), "collection": (3, whole), "source": (4, text),
        "identifiant": (5, text), "langue": (26, language), "image": (19, text),
        "url": (5, lambda v: v if v.startswith("http") else None),
    },
}


def elements(column, separator=";"):
    return [part for part in column.split(separator) if part]


def name(element):
    return re.sub(r",\d+$", "", element)


def unique(names):
    return list(dict.fromkeys(names))


def number_list(places):
    """Names and positions of the first version's places; names without blanks around them."""
    fields = [place.split("#") for place in elements(places)]
    return [(f[1].strip(" "), f[4] and float(f[4]), f[5] and float(f[5])) for f in fields]


def gkg_differences(row, answer):
    """The lists of a record and the document it makes."""
    meta = answer["meta"]
    found = [(p["name"], p.get("lat", ""), p.get("lon", "")) for p in meta.get("locations", [])]
    themes = unique([name(e) for e in elements(row[8])] + elements(row[7]))
    persons = unique(name(e) for e in elements(row[12]))
    tone = [float(part) for part in row[15].split(",")]
    title = re.search("<PAGE_TITLE>(.*?)</PAGE_TITLE>", row[26])
    pairs = {
        "theme_mentions": (len(elements(row[8])) + len(
            set(elements(row[7])) - {name(e) for e in elements(row[8])}),
            answer["theme_mentions"]),
        "name_mentions": (len(elements(row[23])), answer["name_mentions"]),
        "names": (len({name(e) for e in elements(row[23])}), answer["names"]),
        "amounts": (len(elements(row[24])), answer["amounts"]),
        "odd": (0, answer["odd"]),
        "themes": (themes, meta.get("themes", [])),
        "tone": (tone, list(meta["tone"].values())),
        "locations": (number_list(row[9]), found),
        "counts": (len(elements(row[6])), len(meta.get("counts", []))),
        "persons": (persons, meta.get("persons", [])),
        "organisations": (unique(name(e) for e in elements(row[14])),
                          meta.get("organisations", [])),
        "quotations": ([q.split("|", 3)[3].strip(" ") for q in elements(row[22], "#")],
                       [q["text"] for q in meta.get("quotations", [])]),
        "titre": (bool(answer["titre"]), True),
    }
    if title:
        pairs["titre"] = (title.group(1), answer["titre"])
    for key, (want, got) in pairs.items():
        if want != got:
            yield f"{key}: expected {want}, got {got}"
    for word in persons + [f[1].strip(" ") for f in (p.split("#") for p in elements(row[9]))]:
        if word not in answer["texte"]:
            yield f"texte lacks {word}"


def differences(kind, rows, answers):
    if len(rows) != len(answers):
        yield f"{len(rows)} lines, read {len(answers)}"
    for number, (row, answer) in enumerate(zip(rows, answers), 1):
        if answer.get("columns") != row:
            yield f"line {number}: columns differ: {answer}"[:300]
            continue
        for key, (column, reading) in TYPED[kind].items():
            want = reading(row[column - 1])
            if answer[key] != want:
                yield f"line {number}: {key}: expected {want}, got {answer[key]}"
        if kind == "gkg":
            for difference in gkg_differences(row, answer):
                yield f"line {number}: {difference}"[:300]


def answers_of(binary, kind, data):
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        lines = subprocess.run([binary, kind, file.name], stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in lines.stdout.decode("utf-8").splitlines()]


def check_zip(binary, path):
    with zipfile.ZipFile(path) as archive:
        data = archive.read(archive.namelist()[0])
    kind = next(kind for kind in TYPED if f".{kind}." in path.name.lower())
    csv.field_size_limit(1 << 30)
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="\n"), delimiter="\t",
                           quoting=csv.QUOTE_NONE))
    return len(rows), list(differences(kind, rows, answers_of(binary, kind, data)))


def check_list(binary, path):
    wanted = []
    for line in path.read_text("utf-8").splitlines():
        size, md5, url = line.split(" ")
        stamp, *translated, stream = re.search(
            r"/(\d{14})(\.translation)?\.(\w+)\.csv\.zip$", url, re.IGNORECASE).groups()
        wanted.append({"slot": micros(stamp) // 1000000, "stream": stream,
                       "translated": int(translated != [None]), "size": int(size), "md5": md5,
                       "url": url})
    got = answers_of(binary, "list", path.read_bytes())
    return len(wanted), [] if got == wanted else [f"expected {wanted}, got {got}"[:500]]


def main():
    binary = sys.argv[1]
    directories = [pathlib.Path(sys.argv[2])] if len(sys.argv) > 2 else [HERE]
    if len(sys.argv) <= 2 and os.environ.get("DATASENS_CORPORA"):
        directories.append(pathlib.Path(os.environ["DATASENS_CORPORA"]) / "gdelt" / "gdeltv2")
    checks = [(check, path) for directory in directories
              for pattern, check in (("*.zip", check_zip), ("*.txt", check_list))
              for path in sorted(directory.glob(pattern))]
    failed = 0
    print(f"1..{len(checks)}")
    for number, (check, path) in enumerate(checks, 1):
        n, wrong = check(binary, path)
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - gdelt {path.name}, {n} lines")
        for line in wrong[:SHOW]:
            print(f"# {line}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
