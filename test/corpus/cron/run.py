"""Holds cron_parse and cron_next to the cases of the corpus: run.py BINARY.

BINARY is cron_cases.c, built.  Where the engines that the cases come from agree
(next.jsonl: accord; validity.jsonl: valide is not null) their answer is ours.
robfig/cron's cases with seconds are read without them where the seconds are 0.
Its rules differ from Debian's cron(8), which we follow, in the cases that
DEBIAN names; for those Debian's answer is asserted.  Prints TAP.
"""
import json
import pathlib
import re
import subprocess
import sys
from collections import namedtuple
from datetime import datetime, timedelta, timezone

# Whether a schedule is due at an instant.
Due = namedtuple("Due", "instant due")

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

# (expression, base): the answer by cron(8)'s rules, where it is not robfig/cron's.
DEBIAN = {
    # a skipped time runs right after the change, and not a year or a day later
    ("30 2 11 Mar ?", "2012-03-11T00:00:00-0500"): "2012-03-11T03:00:00-0400",
    ("0 2 * * ?", "2012-03-11T00:00:00-0500"): "2012-03-11T03:00:00-0400",
    # a repeated time ran the first time it came
    ("30 1 04 Nov ?", "2012-11-04T01:45:00-0400"): "2013-11-04T01:30:00-0500",
    # a day field that begins with a star is to fit as well: the 15th is none of */10
    ("* * */10 * Sun", "Sun Jul 15 00:00 2012"): False,
}


def seconds(text):
    """Seconds since 1970 of "2012-03-11T00:00:00-0500", ...Z or "Mon Jul 9 14:59 2012" (UTC)."""
    if text[0].isdigit():
        text = re.sub(r"([+-]\d\d):(\d\d)$", r"\1\2", text.replace("Z", "+0000"))
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
    else:
        form = "%a %b %d %H:%M:%S %Y" if text.count(":") == 2 else "%a %b %d %H:%M %Y"
        moment = datetime.strptime(text, form).replace(tzinfo=timezone.utc)
    return (moment - EPOCH) // timedelta(seconds=1)


def ask(cases):
    """The answers to (base, count, zone, expression): a list of seconds, or a refusal's text."""
    lines = "".join("\t".join(map(str, case)) + "\n" for case in cases)
    done = subprocess.run([sys.argv[1]], input=lines, stdout=subprocess.PIPE,
                          encoding="utf-8", check=True)
    answers = []
    for line in done.stdout.splitlines():
        if line.startswith("error"):
            answers.append(line.replace("\t", " "))
        else:
            answers.append([int(word) for word in line.split() if word != "never"])
    if len(answers) != len(cases):
        sys.exit("{} cases but {} answers".format(len(cases), len(answers)))
    return answers


def load(name):
    """The objects of a file beside this one, one a line."""
    text = (pathlib.Path(__file__).parent / name).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def next_cases():
    """Six due times each, across many changes of the clocks."""
    rows = [row for row in load("next.jsonl") if row["accord"]]
    for row in rows:
        case = (seconds(row["base"]), len(row["attendu"]), row["fuseau"], row["expression"])
        yield case, [seconds(text) for text in row["attendu"]]


def validity_cases():
    """Whether the engines take five fields; any other number of fields we refuse."""
    for row in load("validity.jsonl"):
        if row["valide"] is not None or not row["cinq_champs"]:
            yield (0, 1, "UTC", row["expression"]), bool(row["valide"] and row["cinq_champs"])


def robfig_active_cases():
    """Whether a schedule is due at a given minute."""
    for row in load("robfig_active.jsonl"):
        instant = seconds(row["instant"])
        due = DEBIAN.get((row["expression"], row["instant"]), row["actif"])
        yield (instant - 60, 1, "UTC", row["expression"]), Due(instant, due)


def robfig_next_cases():
    """The next due time, with the zone before the expression or the base."""
    for row in load("robfig_next.jsonl"):
        zone = "UTC"
        texts = {}
        for key in ("expression", "base"):
            found = re.match(r"(?:CRON_)?TZ=(\S+) (.*)", row[key])
            zone = found.group(1) if found else zone
            texts[key] = found.group(2) if found else row[key]
        offset = re.search(r"([+-])(\d\d)(\d\d)$", texts["base"])
        if zone == "UTC" and offset:
            sign, hours, minutes = offset.groups()
            zone = "<local>{}{}:{}".format("-" if sign == "+" else "+", hours, minutes)
        if row["champs"] == 6:
            first, texts["expression"] = texts["expression"].split(" ", 1)
            if first != "0":
                continue
        want = DEBIAN.get((texts["expression"], texts["base"]), row["attendu"])
        case = (seconds(texts["base"]), 1, zone, texts["expression"])
        yield case, [seconds(want)] if want else False


def right(got, want):
    """Whether an answer is the wanted one: a list, whether it is taken at all, or a Due."""
    if isinstance(want, Due):
        return (got == [want.instant]) == want.due
    if isinstance(want, bool):
        return isinstance(got, list) == want
    return got == want


def main():
    """Runs every set; the exit status says whether all were right."""
    failed = 0
    sets = {
        "next due times (next.jsonl)": next_cases,
        "taken or refused (validity.jsonl)": validity_cases,
        "due at a minute (robfig_active.jsonl)": robfig_active_cases,
        "next due time (robfig_next.jsonl)": robfig_next_cases,
    }
    for number, (name, read) in enumerate(sets.items(), 1):
        cases = list(read())
        answers = ask([case for case, _ in cases])
        wrong = [(case, want, got) for (case, want), got in zip(cases, answers)
                 if not right(got, want)]
        failed += bool(wrong)
        print("{} {} - {}: {} of {} right".format(
            "not ok" if wrong else "ok", number, name,
            len(cases) - len(wrong), len(cases)))
        for case, want, got in wrong:
            print("# {}\n#   got:  {}\n#   want: {}".format(case, got, want))
    print("1..{}".format(len(sets)))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
