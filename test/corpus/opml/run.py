"""Holds opml_parse to the feed lists of the corpus: run.py BINARY.

expected.jsonl has one object a file: bien_forme, and flux, the feeds in order.
There a missing title is null, and no group around a feed is null; opml_parse
then gives the URL, and no category.  Prints TAP.
"""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


def normalized(feed):
    """An expected feed as opml_parse has it."""
    return {
        "titre": feed["titre"] or feed["url"],
        "url": feed["url"],
        "site": feed["site"],
        "categorie": feed["categorie"] or [],
        "type": feed["type"],
    }


def differences(expected, found):
    """What is wrong with the answer for a file, as lines."""
    if found.get("bien_forme") != expected["bien_forme"]:
        yield f"bien_forme: expected {expected['bien_forme']}, got {found}"
    feeds = found.get("flux", [])
    if len(feeds) != expected["nb_flux"]:
        yield f"expected {expected['nb_flux']} feeds, got {len(feeds)}"
    for wanted, feed in zip(map(normalized, expected["flux"]), feeds):
        if wanted != feed:
            yield f"expected {wanted}, got {feed}"


def main():
    """Runs every file; the exit status says whether all were right."""
    lines = (HERE / "expected.jsonl").read_text("utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    paths = [HERE / case["fichier"] for case in cases]
    answers = subprocess.run(
        [sys.argv[1], *paths], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    failed = 0
    print(f"1..{len(cases)}")
    for number, (case, answer) in enumerate(zip(cases, answers, strict=True), 1):
        wrong = list(differences(case, json.loads(answer)))
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - opml {case['fichier']}")
        for line in wrong:
            print(f"# {line}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
