#!/usr/bin/env python3
"""Writes what each fuzz target starts from: DIRECTORY/TARGET/NUMBER.

usage: seeds.py CORPUS DIRECTORY [CORPORA]

CORPUS is ../corpus, with the real inputs of the conformance tests; CORPORA the larger
collection that some of these are from, where it is at hand.  A target that takes more
than one thing has it in the form that its head tells.
"""

import base64
import gzip
import json
import sys
import zipfile
import zlib
from pathlib import Path

# Larger inputs tell a fuzzer nothing that smaller ones do not.
MOST = 60_000

EXPRESSIONS = [
    "//p", "//div//a/@href", "string(//h1[1])", "//*[contains(., 'a')][last()] | //text()",
    "count(//p) * 2 - 10 div 4 + 7 mod 4", "//li[last()]/preceding-sibling::li[position() < 3]",
    "normalize-space(//h1) = concat('a', \"b\")", "//b/ancestor-or-self::div[@id='x']/@id",
    "substring-before(translate(//p, 'abc', 'AB'), '/')", "//span[not(following::td)]",
    "(//td)[2] > sum(//td) and true()", "//meta[@name='author']/@content", "lang('fr')"]

PATHS = ["$", "data.children[0].title", "items[*].name", '["odd.name"][-1]', "a.*", "[*][*]"]


def lines(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def unpacked(path):
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def files(*patterns):
    for root, pattern in patterns:
        for path in sorted(root.glob(pattern)):
            if path.is_file():
                yield unpacked(path)


def members(paths, most=MOST):
    """The first bytes of the archives' members; -1: all."""
    for path in paths:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with archive.open(name) as member:
                    yield member.read(most)


def robots(corpus):
    for case in lines(corpus / "robots/real.jsonl.gz"):
        yield (base64.b64decode(case["robots_b64"]) if "robots_b64" in case
               else case["robots"].encode())
    for case in lines(corpus / "robots/google_cases.jsonl"):
        yield (case["url"] + "\n" + case.get("robots", "")).encode()


def whole(zips):
    """Archives that are not cut: their directory is at the end."""
    return [path.read_bytes() for path in zips if path.stat().st_size <= MOST]


def archives(pages, zips):
    yield from whole(zips)
    for page in pages[:5]:
        yield gzip.compress(page)


def gather(corpus, corpora):
    """All targets' seeds, by target."""
    roots = [root for root in (corpora, corpus) if root]
    pages = list(files((corpus / "article/html", "**/*.html.gz"),
                       *((root / "html", "**/*.html.gz") for root in roots),
                       *((root / "html", "**/*.html") for root in roots)))
    feeds = list(files(*((root / "feeds/feedparser", "**/*.xml") for root in roots),
                       *((root / "feeds/real", "**/*") for root in roots)))
    opml = list(files(*((root / "opml", "*.opml") for root in roots)))
    tables = sorted({path.name: path for root in roots for path in
                     [*root.glob("kaggle/*.zip"), *root.glob("csv/*.zip")]}.values())
    batches = sorted({path.name: path for root in roots for path in
                      root.glob("gdelt/**/*.zip")}.values())
    weather = [case["body"].encode() for case in lines(corpus / "owm/responses.jsonl")]
    dates = [case["entree"].encode() for case in lines(corpus / "dates/dates.jsonl")]
    rows = [row[:2_500] for row in members(tables)]
    urls = [case["url"].encode() for case in lines(corpus / "robots/google_cases.jsonl")]
    types = [b"text/html; charset=utf-8", b'text/xml; charset="iso-8859-15"; a=b',
             b"application/rss+xml ;charset = 'shift_jis'", b"x;;=;charset==utf-16;a=\"\\\"\""]
    codings = [coding + b"\n\x05" + packed for coding, packed in (
        (b"gzip", gzip.compress(feeds[0])), (b"deflate", zlib.compress(feeds[1])),
        (b"deflate", zlib.compress(feeds[2])[2:-4]), (b"gzip", gzip.compress(b"") * 3),
        (b"gzip, gzip", gzip.compress(gzip.compress(feeds[3]))),
        (b"gzip", gzip.compress(feeds[4])[:-4]))]
    sitemaps = [
        b'<?xml version="1.0"?><urlset xmlns="x"><url><loc>http://h/?a=1&amp;b</loc>'
        b"<lastmod>2024-08-05</lastmod></url></urlset>",
        b"<sitemapindex><sitemap><loc><![CDATA[/b]]></loc></sitemap></sitemapindex>",
        b"http://h/a\nhttp://h/b\n"]
    services = [f"{path}\n".encode() + body for path in PATHS for body in (
        b'{"data": {"children": [{"title": "<p>&amp;", "b": [{"c": [1, "x"]}], "url": "/r"}]}}',
        b'{"items": [{"name": "a", "date": 1.7e9}], "next": "?p=2&cle=x#y"}')]
    options = [
        b'{"liste": "d.c[*].data", "champs": {"titre": ["a", "b[*].c"], "date": "t"},'
        b' "html": true, "langue": "fr", "pages": {"lien": "next"}}',
        b'{"liste": "$", "pages": {"parametre": "page", "debut": 1, "pas": 1, "max": 9}}',
        b'{"pages": {"jeton": "a.b", "parametre": "after"}, "parametre_secret": {"cle": "secret:x"}}',
        *(path.encode() for path in PATHS)]
    record = (b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://h/\r\n"
              b"Content-Length: %d\r\n\r\n%s\r\n\r\n")
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n"
    records = [record % (len(answer + feed), answer + feed) for feed in feeds[:20]]
    crons = [case["expression"].encode() for name in ("next", "validity")
             for case in lines(corpus / f"cron/{name}.jsonl")]
    lists = list(files(*((root / "gdelt", "**/*.txt") for root in roots)))
    texts = feeds + pages[:40]
    return {
        "archive": archives(pages, tables + batches),
        "article": pages,
        "charset": [b"\n" + text for text in texts] + [b"utf-16\n" + rows[0]],
        "charset_stream": [bytes([i % 15, 255]) + row for i, row in enumerate(rows + texts)],
        "content_coding": codings,
        "content_type": types,
        "cron": [b"\0\0\0\0\x9c\x8f\x01\0" + cron for cron in crons],
        "csv": [b"@\xff" + row for row in rows],
        "date": dates,
        "date_find": dates + [b"Stand: 5. Februar 2020, 14 Uhr", b"le 1er ao\xc3\xbbt 2021"],
        "feed": feeds,
        "gdelt": [b"\n".join(table.split(b"\n")[i:i + 3]) for table in members(batches)
                  for i in (0, 9, 21)],
        "gdelt_list": [b"@" + text[:3000] for text in lists],
        "html": texts,
        "json": services + [b"weather[*]\n" + body for body in weather],
        "json_options": options,
        "opml": opml,
        "page_url": [url + b"\n*.example.com" for url in urls],
        "retry_after": [b"120", b"Sun, 06 Nov 1994 08:49:37 GMT",
                        b"Sunday, 06-Nov-94 08:49:37 GMT", b"Sun Nov  6 08:49:37 1994"],
        "robots": robots(corpus),
        "robots_tag": [b"noindex, nofollow", b"googlebot: none, noarchive; datasens: all"],
        "s3_answer": [b"a b/\xc3\xa9\n<R><Upload><Key>a&amp;b</Key><UploadId>1&#x22;</UploadId></Upload>"
                      b"<Upload><Key>c</Key><UploadId>2</UploadId></Upload></R>",
                      b"\n<Error><Code>SlowDown</Code><Message>&lt;x&gt;&#39;</Message></Error>"],
        "sitemap": sitemaps,
        "unpack": sitemaps + [gzip.compress(sitemap) for sitemap in sitemaps],
        "url": [b"http://h/a/b?c#d\n" + url for url in urls + [b"//h/../x?key=1", b"?q", b"#f"]],
        "url_query": [b"http://h/?a=1&cle=x&b#f\ncle\nv", b"/x\na\n\xc3\xa9 &="],
        "warc": [b"\x15" + one for one in records]
                + [b"\x14" + gzip.compress(one) + gzip.compress(records[0]) for one in records],
        "weather": weather,
        "xpath": [EXPRESSIONS[i % len(EXPRESSIONS)].encode() + b"\n" + page[:8000]
                  for i, page in enumerate(pages)],
        "zip": whole(tables + batches),
    }


def main(corpus, directory, corpora=None):
    for target, seeds in gather(Path(corpus), Path(corpora) if corpora else None).items():
        folder = Path(directory) / target
        folder.mkdir(parents=True)
        for number, seed in enumerate(sorted({seed[:MOST] for seed in seeds})):
            (folder / str(number)).write_bytes(seed)


if __name__ == "__main__":
    main(*sys.argv[1:])
