"""The feeds that the web server of the tests makes up (see server.py)."""

import email.utils
import functools

EPOCH = 1700000000      # 2023-11-14, what all generated dates count from
RSS = "application/rss+xml; charset=utf-8"


@functools.lru_cache(maxsize=4096)
def feed(number, items, first=0):
    """RSS 2.0 of about 1 kB an item, the same for the same arguments."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
             "<title>Flux %d</title><link>http://feed%d.test/</link>"
             "<description>Un flux d'essai</description>\n" % (number, number)]
    for i in range(first, first + items):
        parts.append(
            "<item><title>Flux %d, article %d : été &amp; hiver</title>"
            "<link>http://feed%d.test/article/%d</link><guid>tag:feed%d,%d</guid>"
            "<pubDate>%s</pubDate><description>%s</description></item>\n"
            % (number, i, number, i, number, i,
               email.utils.formatdate(EPOCH + number * 3600 + i * 60, usegmt=True),
               ("Texte de l'article %d du flux %d. " % (i, number)) * 20))
    parts.append("</channel></rss>\n")
    return "".join(parts).encode()


def small_feed(title, encoding="utf-8", declared=None):
    text = ('<?xml version="1.0" encoding="%s"?>\n<rss version="2.0"><channel><title>Essai</title>'
            "<item><title>%s</title><link>http://essai.test/1</link>"
            "<description>Une phrase.</description></item></channel></rss>"
            % (declared or encoding, title))
    return text.encode(encoding)
