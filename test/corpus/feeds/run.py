#!/usr/bin/env python3
"""Feeds against references: usage: run.py FEED_DUMP [--show N]

real/       feeds as they were published; reference.jsonl has feedparser's answers.
feedparser/ the tests of feedparser; expected.jsonl has what their authors assert.

Texts are compared after NFC and white space squeezing, dates as instants.  Prints TAP:
one line a bar with its figure, and the misses as diagnostics.
"""
import collections
import json
import os
import re
import subprocess
import sys
import unicodedata
from urllib.parse import urljoin

HERE = os.path.dirname(os.path.abspath(__file__))
SHOW = int(sys.argv[sys.argv.index('--show') + 1]) if '--show' in sys.argv else 20
WORD = re.compile(r'\w+')

# share of a real feed's entries whose field must equal the reference
REAL_BARS = {'titre': 0.99, 'url': 0.99, 'guid': 0.99, 'date_publication': 0.99, 'langue': 0.99}
TEXT_BAR = 0.99
ASSERTION_BAR = 0.97


def squeeze(value):
    if not isinstance(value, str):
        return value
    return re.sub(r'\s+', ' ', unicodedata.normalize('NFC', value)).strip()


def token_f1(a, b):
    a = collections.Counter(WORD.findall(a or ''))
    b = collections.Counter(WORD.findall(b or ''))
    if not a and not b:
        return 1.0
    return 2 * sum((a & b).values()) / (sum(a.values()) + sum(b.values()))


def load(name):
    with open(os.path.join(HERE, name), encoding='utf-8') as lines:
        return [json.loads(line) for line in lines if line.strip()]


def dump(binary, directory, cases):
    """The parser's answers, in the order of the cases; a crash ends the test."""
    arguments = []
    for case in cases:
        headers = {k.lower(): v for k, v in case.get('headers', {}).items()}
        url = urljoin(case['url'], headers.get('content-location', ''))
        arguments += [os.path.join(HERE, directory, case['fichier']),
                      headers.get('content-type', ''), url]
    answers = []
    for start in range(0, len(arguments), 300):
        run = subprocess.run([binary] + arguments[start:start + 300], stdout=subprocess.PIPE)
        if run.returncode != 0:
            print('Bail out! %s ended with %d' % (binary, run.returncode))
            sys.exit(1)
        answers += [json.loads(line) for line in run.stdout.decode('utf-8').splitlines()]
    return answers


class Tap:
    def __init__(self):
        self.n = self.failed = 0

    def ok(self, passed, text, misses=()):
        self.n += 1
        self.failed += not passed
        print('%sok %d - %s' % ('' if passed else 'not ', self.n, text))
        for miss in list(misses)[:SHOW]:
            print('# ' + ' | '.join(str(part)[:150] for part in miss))

    def bar(self, name, good, total, bar, misses):
        share = good / total if total else 1.0
        self.ok(share >= bar, '%s %d/%d = %.4f (at least %.2f)' % (name, good, total, share, bar),
                misses)


def pair(reference, entries):
    """Entries in order where the counts agree, else each by its guid, url or titre."""
    if len(reference) == len(entries):
        return list(zip(reference, entries))
    pool, pairs = list(entries), []
    for want in reference:
        match = next((got for key in ('guid', 'url', 'titre') if want.get(key)
                      for got in pool if squeeze(got.get(key)) == squeeze(want[key])), None)
        if match is not None:
            pool.remove(match)
        pairs.append((want, match or {}))
    return pairs


def check_real(tap, binary):
    cases = load('real/reference.jsonl')
    answers = dump(binary, 'real', cases)
    good, total, misses, f1 = collections.Counter(), collections.Counter(), {}, []
    unread = [(c['fichier'], len(a['entrees']), c['nb_entrees'], a.get('erreur', ''))
              for c, a in zip(cases, answers) if len(a['entrees']) != c['nb_entrees']]
    tap.ok(not unread, 'real: %d files, every entry of each' % len(cases), unread)
    for case, answer in zip(cases, answers):
        for want, got in pair(case['entrees'], answer['entrees']):
            for field in REAL_BARS:
                a, b = squeeze(want.get(field)), squeeze(got.get(field))
                if not a:
                    continue
                total[field] += 1
                if a == b or (field == 'langue' and a.lower() == (b or '').lower()):
                    good[field] += 1
                else:
                    misses.setdefault(field, []).append((case['fichier'], a, b))
            if want.get('texte'):
                f1.append((token_f1(want['texte'], got.get('texte')), case['fichier'],
                           squeeze(want['texte']), squeeze(got.get('texte'))))
    for field, bar in REAL_BARS.items():
        tap.bar('real: ' + field, good[field], total[field], bar, misses.get(field, []))
    mean = sum(x[0] for x in f1) / len(f1)
    tap.ok(mean >= TEXT_BAR, 'real: texte, mean token F1 %.4f over %d (at least %.2f)'
           % (mean, len(f1), TEXT_BAR), sorted(x for x in f1 if x[0] < 0.98))


def assertions(case, answer):
    """(field, asserted, ours) for everything asserted that we extract; a null asserts nothing."""
    asserted, entries = case['asserte'], answer['entrees']
    for index, fields in asserted['entrees'].items():
        got = entries[int(index)] if int(index) < len(entries) else {}
        for field, value in fields.items():
            if value is None:
                continue
            if field in ('titre', 'texte', 'url', 'guid', 'langue', 'auteur', 'date_publication'):
                yield field, value, got.get(field)
            elif field == 'resume':  # the only text of an entry is its texte
                yield field, value, got.get('resume') or got.get('texte')
            elif field == 'auteur_nom':
                yield field, value, re.sub(r'\s*\(?\S+@\S+\)?$', '', got.get('auteur') or '')
            elif field == 'lien0':
                yield field, value, got.get('url')
    for field, value in asserted['flux'].items():
        if value is not None and field in ('titre', 'url', 'langue'):
            yield 'flux.' + field, value, answer.get(field)
    if asserted['nb_entrees'] is not None:
        yield 'nb_entrees', str(asserted['nb_entrees']), str(len(entries))


def check_feedparser(tap, binary):
    cases = load('feedparser/expected.jsonl')
    answers = dump(binary, 'feedparser', cases)
    good = total = 0
    misses = []
    for case, answer in zip(cases, answers):
        for field, want, got in assertions(case, answer):
            if not case['pertinent']:
                continue
            total += 1
            if squeeze(want) == (squeeze(got) or ''):
                good += 1
            else:
                misses.append((case['fichier'], field, want, got, answer.get('erreur', '')))
    tap.bar('feedparser: assertions in %d files' % len(cases), good, total, ASSERTION_BAR, misses)
    wrong = [(c['fichier'], c['reference']['entrees'] and len(c['reference']['entrees']),
              len(a['entrees']), a.get('erreur', ''))
             for c, a in zip(cases, answers) if len(a['entrees']) < len(c['reference']['entrees'])
             and not a.get('coupees')]
    tap.ok(not wrong, 'feedparser: no entry missing that feedparser finds', wrong)


if __name__ == '__main__':
    TAP = Tap()
    check_real(TAP, sys.argv[1])
    check_feedparser(TAP, sys.argv[1])
    print('1..%d' % TAP.n)
    sys.exit(TAP.failed != 0)
