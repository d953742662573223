"""Holds robots_parse and robots_allowed to the corpus: run.py BINARY.

google_cases.jsonl has a case a line: robots (or robots_b64), user_agent, url,
allowed.  real.jsonl.gz has a site a line, with its cases as cas.
google_other.jsonl has facts of four kinds, which are made cases below.
Prints TAP: a line a case of Google's, a line a site.
"""
import base64
import gzip
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


def content(line):
    """The file of a line, as bytes."""
    if "robots_b64" in line:
        return base64.b64decode(line["robots_b64"])
    return line["robots"].encode()


def case_of(fact):
    """A fact as file, cases and what is to come of them: answers, rules in all, sitemaps."""
    kind = fact["kind"]
    if kind == "path":
        robots = f"User-agent: a\nDisallow: /\nAllow: {fact['out']}$"
        return robots.encode(), [("a", fact["in"])], {"allowed": [True]}
    if kind == "escape":
        robots = f"User-agent: a\nDisallow: /\nAllow: /{fact['in']}$"
        return robots.encode(), [("a", f"http://h/{fact['out']}")], {"allowed": [True]}
    if kind == "valid_user_agent":
        # a version is no part of the name, which then may be obeyed
        obeyed = fact["valid"] or "/" in fact["user_agent"]
        robots = f"User-agent: {fact['user_agent']}\nDisallow: /"
        return robots.encode(), [(fact["user_agent"], "/")], {"allowed": [not obeyed]}
    agents = re.findall(rb"(?im)^\W*user-agent: (\w+)", content(fact))
    cases = [(agent.decode(), "/") for agent in agents]
    if "sitemap" in fact:
        return content(fact), cases, {"sitemaps": [fact["sitemap"]]}
    return content(fact), cases, {"regles": fact["valid_directives"] - len(agents)}


def corpus():
    """Every case: its name, file, (agent, URL) pairs, expectations."""
    for line in (HERE / "google_cases.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        pair = (case["user_agent"], case["url"])
        name = f"google {case['id']} {case['test']}"
        yield name, content(case), [pair], {"allowed": [case["allowed"]]}
    for line in (HERE / "google_other.jsonl").read_text("utf-8").splitlines():
        fact = json.loads(line)
        yield f"google {fact['kind']} {fact.get('in', '')}", *case_of(fact)
    for line in gzip.open(HERE / "real.jsonl.gz", "rt", encoding="utf-8"):
        site = json.loads(line)
        pairs = [(case["user_agent"], case["url"]) for case in site["cas"]]
        answers = [case["allowed"] for case in site["cas"]]
        yield site["site"], content(site), pairs, {"allowed": answers}


def differences(pairs, answers, expected):
    """What is wrong with the answers for a file, as lines."""
    for pair, answer, wanted in zip(pairs, answers, expected.get("allowed", [])):
        if answer["allowed"] != wanted:
            yield f"{pair}: expected {wanted}"
    if "sitemaps" in expected and answers[0]["sitemaps"] != expected["sitemaps"]:
        yield f"sitemaps: expected {expected['sitemaps']}, got {answers[0]['sitemaps']}"
    rules = sum(answer["regles"] for answer in answers)
    if rules != expected.get("regles", rules):
        yield f"rules: expected {expected['regles']}, got {rules}"


def main():
    """Runs every case; the exit status says whether all were right."""
    cases = list(corpus())
    lines = [
        json.dumps(
            {
                "robots": robots.hex(),
                "cas": [{"user_agent": agent, "url": url} for agent, url in pairs],
            }
        )
        for _, robots, pairs, _ in cases
    ]
    answers = subprocess.run(
        [sys.argv[1]], input="\n".join(lines), capture_output=True, text=True, check=True
    ).stdout.splitlines()
    failed = 0
    print(f"1..{len(cases)}")
    for number, (case, answer) in enumerate(zip(cases, answers, strict=True), 1):
        name, _, pairs, expected = case
        wrong = list(differences(pairs, json.loads(answer), expected))
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - robots {name} ({len(pairs)})")
        for line in wrong:
            print(f"# {line}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
