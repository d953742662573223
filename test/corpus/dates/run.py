"""Holds date_parse to the dates of the corpus: run.py BINARY.

dates.jsonl has one object a line: entree, the text; attendu, the moment in UTC
("YYYY-MM-DDTHH:MM:SSZ") or null where the text is no date.  Prints TAP.
"""
import json
import pathlib
import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def seconds(text):
    """Seconds since 1970 of an expected moment, or None."""
    if text is None:
        return None
    fields = [int(field) for field in re.findall(r"\d+", text)]
    return (datetime(*fields, tzinfo=timezone.utc) - EPOCH) // timedelta(seconds=1)


def main():
    """Runs every case; the exit status says whether all were right."""
    lines = (pathlib.Path(__file__).parent / "dates.jsonl").read_text("utf-8")
    cases = [json.loads(line) for line in lines.splitlines()]
    answers = subprocess.run(
        [sys.argv[1]], input=lines, capture_output=True, text=True, check=True
    ).stdout.split()
    if len(answers) != len(cases):
        sys.exit(f"{len(cases)} cases but {len(answers)} answers")
    failed = 0
    print(f"1..{len(cases)}")
    for number, (case, answer) in enumerate(zip(cases, answers), 1):
        micros = json.loads(answer)
        found = None if micros is None else micros // 1_000_000
        right = found == seconds(case["attendu"])
        failed += not right
        print(f"{'ok' if right else 'not ok'} {number} - date {case['entree']!r}")
        if not right:
            print(f"# expected {case['attendu']}, got {answer}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
