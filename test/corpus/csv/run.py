#!/usr/bin/env python3
"""Holds the CSV path, unpacker to records, to Python's csv module: run.py CSV_DUMP.

The real files of this directory, those of $DATASENS_CORPORA/kaggle where that is set, and files
made here are read by both; every field of every record must be the same.  Prints TAP.
"""
import csv
import gzip
import hashlib
import io
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).parent
SHOW = 5
csv.field_size_limit(1 << 30)


def rows_of(data, encoding, delimiter=","):
    """What Python reads: encoding is a name of its own ("utf-8-sig" leaves the mark out)."""
    lines = io.StringIO(data.decode(encoding), newline="")
    return list(csv.reader(lines, delimiter=delimiter))


def answers_of(binary, path, chunk):
    output = subprocess.run([binary, str(chunk), path], stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line) for line in output.decode("utf-8").splitlines()]


def differences(want, got):
    """want has some of got's keys; its rows are under "enregistrements"."""
    for key in want.keys() - {"enregistrements"}:
        if got.get(key) != want[key]:
            yield f"{key}: expected {want[key]!r}, got {got.get(key)!r}"[:300]
    rows, answers = want["enregistrements"], got.get("enregistrements", [])
    if len(rows) != len(answers):
        yield f"{len(rows)} records, read {len(answers)}"
    for number, (row, answer) in enumerate(zip(rows, answers), 1):
        if row != answer:
            yield f"record {number}: expected {row!r}, got {answer!r}"[:500]


def check_file(binary, path, wanted, chunks=(13, 65536)):
    """The members of the file, each as wanted says, however the bytes are cut."""
    for chunk in chunks:
        got = answers_of(binary, path, chunk)
        if [m["nom"] for m in got] != [m["nom"] for m in wanted]:
            yield f"members {[m['nom'] for m in got]}: {got}"[:300]
        for want, answer in zip(wanted, got):
            for difference in differences(want, answer):
                yield f"{want['nom']}, chunks of {chunk}: {difference}"


# Real files

def digest(rows):
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


def check_real(binary, path, members):
    wanted = []
    with zipfile.ZipFile(path) as archive:
        for member in members:
            rows = rows_of(archive.read(member["nom"]),
                           member["encodage"] + ("-sig" if member["bom"] else ""),
                           member["separateur"])
            if digest(rows) != member["sha256_enregistrements_json"]:
                yield f"{member['nom']} is not the file that expected.json describes"
            want = {key: member[key]
                    for key in ("nom", "encodage", "bom", "separateur", "entete")}
            if member["entete"]:
                want["noms"] = member["noms"]
            wanted.append({**want, "enregistrements": rows})
    yield from check_file(binary, path, wanted)


def real_checks(directory):
    for archive in json.loads((directory / "expected.json").read_text("utf-8")):
        count = sum(member["enregistrements"] for member in archive["membres"])
        yield (f"{archive['archive']}, {count} records", check_real, directory / archive["archive"],
               archive["membres"])


# Made files: enough of ordinary rows that the format can be told, and then the strange ones

HEAD = [["titre", "texte", "date"]] + [
    [f"Bulletin {day}", f"De la pluie sur la côte, le {day} novembre", f"2026-11-{day:02}"]
    for day in range(1, 9)]


def written(rows, **dialect):
    buffer = io.StringIO(newline="")
    csv.writer(buffer, **dialect).writerows(rows)
    return buffer.getvalue()


HEAD_TEXT = written(HEAD, lineterminator="\n")

# name: (text, delimiter)
FORMS = {
    "LF": (HEAD_TEXT, ","),
    "CR LF": (written(HEAD, lineterminator="\r\n"), ","),
    "CR": (written(HEAD, lineterminator="\r"), ","),
    "ends of line mixed": (HEAD_TEXT + "a,b,c\r\nd,e,f\rg,h,i\n\r\n\rj,k,l\n", ","),
    "semicolons": (written(HEAD, delimiter=";"), ";"),
    "tabs": (written(HEAD, delimiter="\t"), "\t"),
    "bars": (written(HEAD, delimiter="|"), "|"),
    "every field quoted": (written(HEAD, quoting=csv.QUOTE_ALL), ","),
    "no end of the last line": (HEAD_TEXT.rstrip("\n"), ","),
    "lines in quotes": (HEAD_TEXT + '"a\nb","c\r\nd","e\r\r\nf"\nlast,"\n",one\n', ","),
    "quotes doubled": (HEAD_TEXT + '"""a""","b""c",""""\n"""","""""",""\n', ","),
    "quotes within": (HEAD_TEXT + 'a"b,c""d,e"\n "a",b "c",d\n', ","),
    "text after a quote": (HEAD_TEXT + '"a"b,"c" ,"d""e"f"g"\n', ","),
    "delimiters in quotes": (HEAD_TEXT + '",,","a,b",","\n', ","),
    "ragged": (HEAD_TEXT + "a\na,b\na,b,c,d\n,,,,\n,\n", ","),
    "blank lines": ("\n\n" + HEAD_TEXT + "\n\na,b,c\n\n", ","),
    "empty fields": (HEAD_TEXT + ",,\na,,\n,,c\n\"\",\"\",\"\"\n", ","),
    "NUL": (HEAD_TEXT + 'a\0b,"c\0",\0\n', ","),
    "a field of a million characters": (HEAD_TEXT + 'a,"' + "é\n" * 500000 + '",b\n', ","),
    "three thousand fields": (HEAD_TEXT + ",".join(map(str, range(3000))) + "\n", ","),
}

# name: (encoding as found, Python's, bytes before, a text that tells it)
ACCENTS = HEAD_TEXT + "été à Nîmes,façade de l’hôtel – 30 €,où\n" * 20
LATIN = HEAD_TEXT + "été à Nîmes,façade de l'hôtel - 30 F,où\n" * 20
ENCODINGS = {
    "UTF-8": ("utf-8", "utf-8", b"", ACCENTS),
    "UTF-8 with a mark": ("utf-8", "utf-8", b"\xef\xbb\xbf", ACCENTS),
    "UTF-8 beyond the first plane": ("utf-8", "utf-8", b"", ACCENTS + "\U0001f984,\U00010348,x\n"),
    "UTF-16 little-endian with a mark": ("utf-16le", "utf-16-le", b"\xff\xfe", ACCENTS),
    "UTF-16 big-endian with a mark": ("utf-16be", "utf-16-be", b"\xfe\xff", ACCENTS),
    "UTF-16 little-endian": ("utf-16le", "utf-16-le", b"", ACCENTS + "\U0001f984,a,b\n"),
    "UTF-16 big-endian": ("utf-16be", "utf-16-be", b"", ACCENTS),
    "Windows-1252": ("windows-1252", "windows-1252", b"", ACCENTS),
    "Latin-1": ("iso-8859-1", "iso-8859-1", b"", LATIN),
    "Latin-9": ("iso-8859-15", "iso-8859-15", b"", LATIN + "Le cœur à 30 €,œuvre,x\n" * 20),
}

PIECES = ['"', '""', ",", ",", "\n", "\r\n", "\r", "a", "été", " ", ";", "\t", "b c", "\0", "€"]


def random_text(generator):
    """Random pieces, the last row being read by itself: no quoted field is left open."""
    while True:
        text = HEAD_TEXT * 3 + "".join(generator.choices(PIECES, k=60)) + "\nthe,last,row\n"
        rows = rows_of(text.encode("utf-8"), "utf-8")
        if rows[-1] == ["the", "last", "row"]:
            return text


def check_made(binary, text, delimiter, encoding="utf-8", codec="utf-8", mark=b"", pack=None):
    data = text.encode(codec)
    want = {"nom": "made.csv", "encodage": encoding, "bom": mark != b"", "separateur": delimiter,
            "enregistrements": rows_of(data, codec, delimiter)}
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "made.csv"
        path.write_bytes(pack(mark + data) if pack else mark + data)
        # One byte at a time where that is not long in the doing.
        yield from check_file(binary, path, [want], (1 if len(data) < 20000 else 13, 65536))


def check_random(binary, seed):
    generator = random.Random(seed)
    texts = {f"{number}.csv": random_text(generator) for number in range(200)}
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "random.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in texts.items():
                archive.writestr(name, text)
        wanted = [{"nom": name, "separateur": ",", "enregistrements":
                   rows_of(text.encode("utf-8"), "utf-8")} for name, text in texts.items()]
        yield from check_file(binary, path, wanted, (1, 7, 65536))


def made_checks():
    for name, (text, delimiter) in FORMS.items():
        yield (name, check_made, text, delimiter)
    for name, (found, codec, mark, text) in ENCODINGS.items():
        yield (name, check_made, text, ",", found, codec, mark)
    yield ("gzip", check_made, HEAD_TEXT, ",", "utf-8", "utf-8", b"", gzip.compress)
    yield ("gzip in two parts", check_made, HEAD_TEXT, ",", "utf-8", "utf-8", b"",
           lambda data: gzip.compress(data[:50]) + gzip.compress(data[50:]))
    for seed in (1, 2, 3):
        yield (f"200 random files, seed {seed}", check_random, seed)


def main():
    binary = sys.argv[1]
    checks = list(real_checks(HERE)) + list(made_checks())
    corpora = os.environ.get("DATASENS_CORPORA")
    if corpora:
        checks += real_checks(pathlib.Path(corpora) / "kaggle")
    failed = 0
    print(f"1..{len(checks) + (not corpora)}")
    for number, (name, check, *arguments) in enumerate(checks, 1):
        wrong = list(check(binary, *arguments))
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - csv {name}")
        for line in wrong[:SHOW]:
            print(f"# {line}")
    if not corpora:
        print(f"ok {len(checks) + 1} - csv, the corpora # SKIP DATASENS_CORPORA is not set")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
