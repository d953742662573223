"""Holds the article extraction to its bars: run.py BINARY.  Prints TAP, a line a bar.

html/ has a few pages of each set; the whole sets have the same layout and lie in the
directory html of what the environment names as DATASENS_CORPORA, where it does.

aeb: the article-extraction-benchmark's measure.  A text is the multiset of its runs of
four words; precision and recall are means over the pages, F1 is of these means.
segments: which of the texts that are given for a page are in what was extracted of it,
white space squeezed; those of "with" should be, those of "without" should not.
readability: title, author, day and language as the reference has them; see right().
"""
import collections
import gzip
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent

# What is to be reached, in a set as a whole.
F1_BODIES = 0.97
F1_SEGMENTS = 0.90
SHARE_OF_FIELDS = 0.90

# Our name of a field, and the reference's.
FIELDS = {
    "titre": "title",
    "auteur": "byline",
    "date_publication": "publishedTime",
    "langue": "lang",
}


def extract(binary, pages, urls):
    """What the binary makes of the pages (*.html.gz): key to its answer."""
    answers = {}
    with tempfile.TemporaryDirectory() as scratch:
        arguments = []
        for number, key in enumerate(urls):
            path = pathlib.Path(scratch, str(number))
            path.write_bytes(gzip.decompress((pages / f"{key}.gz").read_bytes()))
            arguments += [str(path), "", urls[key]]
        result = subprocess.run([binary, *arguments], capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(f"{binary} failed: {result.stderr[-2000:]}")
        for key, line in zip(urls, result.stdout.splitlines(), strict=True):
            answers[key] = json.loads(line)
    return answers


def f1(precision, recall):
    """Their harmonic mean."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def shingles(text):
    """The multiset of a text's runs of four words."""
    words = re.findall(r"\w+", text or "")
    if not words:
        return collections.Counter()
    return collections.Counter(
        tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))
    )


def score_bodies(truth, answers):
    """F1 of the benchmark's measure."""
    precisions, recalls = [], []
    for key, page in truth.items():
        wanted = shingles(page["articleBody"])
        found = shingles(answers[key].get("articleBody"))
        common = (wanted & found).total()
        if found:
            precisions.append(common / found.total())
        if wanted:
            recalls.append(common / wanted.total())
    return f1(sum(precisions) / len(precisions), sum(recalls) / len(recalls))


def squeeze(text):
    """The text with single spaces."""
    return " ".join((text or "").split())


def score_segments(truth, answers):
    """F1 of the texts that should be in what was extracted."""
    right = missing = wrong = 0
    for key, page in truth.items():
        found = squeeze(answers[key].get("articleBody"))
        wanted = [squeeze(segment) in found for segment in page["with"]]
        right += sum(wanted)
        missing += len(wanted) - sum(wanted)
        wrong += sum(squeeze(segment) in found for segment in page["without"])
    return f1(right / (right + wrong), right / (right + missing))


def plain(text):
    """The words of a text, in small letters."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def right(field, wanted, found):
    """Whether a field says what the reference does.

    Readability's title keeps the site's name, and its byline what stands beside the name
    ("By ..., March 25, 2015"): there ours may be a part, of whole words.  Of a date the
    day counts.
    """
    if not found:
        return False
    if field == "date_publication":
        return found[:10] == wanted[:10]
    wanted, found = plain(wanted), plain(found)
    if field == "titre" and len(found) * 2 < len(wanted):
        return False
    if field in ("titre", "auteur"):
        return f" {found} " in f" {wanted} "
    return found == wanted


def bars(binary, root):
    """The bars of the pages below root: name, figure, bar."""
    truth = json.loads((root / "aeb/ground-truth.json").read_text("utf-8"))
    urls = {f"{key}.html": page["url"] for key, page in truth.items()}
    answers = extract(binary, root / "aeb/html", urls)
    answers = {key.removesuffix(".html"): answer for key, answer in answers.items()}
    yield f"F1 of {len(truth)} bodies", score_bodies(truth, answers), F1_BODIES

    truth = json.loads((root / "segments/segments.json").read_text("utf-8"))
    answers = extract(
        binary, root / "segments/html", {key: page["url"] for key, page in truth.items()}
    )
    figure = score_segments(truth, answers)
    yield f"F1 of the segments of {len(truth)} pages", figure, F1_SEGMENTS

    truth = json.loads((root / "readability/ground-truth.json").read_text("utf-8"))
    urls = {f"{key}.html": page["url"] for key, page in truth.items()}
    answers = extract(binary, root / "readability/html", urls)
    for field, name in FIELDS.items():
        results = [
            right(field, page["metadata"][name], answers[f"{key}.html"].get(field))
            for key, page in truth.items()
            if page["metadata"].get(name)
        ]
        share = sum(results) / len(results)
        yield f"{field} of {len(results)} pages", share, SHARE_OF_FIELDS


def main():
    """Measures the pages here and the whole sets; the status says whether the bars held."""
    corpora = os.environ.get("DATASENS_CORPORA")
    number = failed = 0
    for label, root in (("here", HERE), ("whole", corpora)):
        if not root:
            number += 1
            print(f"ok {number} # SKIP the whole sets: DATASENS_CORPORA is not set")
            continue
        for name, figure, bar in bars(sys.argv[1], pathlib.Path(root, "html")):
            number += 1
            failed += figure < bar
            verdict = "not ok" if figure < bar else "ok"
            print(f"{verdict} {number} - {label}: {name}: {figure:.4f}, bar {bar:.2f}", flush=True)
    print(f"1..{number}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
