#!/usr/bin/python3
"""Write the feeds that the measurements collect, and the rows they hold.

    generate.py DIRECTORY [FEEDS]

makes DIRECTORY/web/0000.rss, 0001.atom, ...: FEEDS files (1,000) of 40 entries,
about 40 KB each, and DIRECTORY/rows.copy: every entry as the finished row that
a collector would store, in COPY's text format, for the limit "COPY alone".

The feeds are what French newsrooms send: three in five RSS 2.0 (half of them
with CDATA), the others Atom and RSS 1.0, one in twenty in ISO-8859-1; HTML in
the descriptions, with links, images and named entities.  No two entries are
equal, and the same call always writes the same bytes.
"""
import datetime
import email.utils
import hashlib
import html
import itertools
import json
import os
import random
import sys
from xml.sax.saxutils import escape

ENTRIES = 40
START = datetime.datetime(2025, 3, 1, tzinfo=datetime.timezone.utc)

SUBJECTS = """le ministère de l'Économie|la préfecture de région|le conseil municipal|la SNCF
l'équipe de France féminine|un collectif d'habitants|la Cour des comptes|le syndicat des éleveurs
Météo-France|la présidente de l'université|une start-up grenobloise|le tribunal administratif
l'hôpital de Besançon|le Sénat|la fédération de cyclisme|un chercheur du CNRS|l'Opéra de Lyon
la cheffe de l'opposition|le musée d'Orsay|un pêcheur breton|la Banque de France|l'Assemblée"""
VERBS = """annonce|dévoile|conteste|réclame|prépare|repousse|salue|dénonce|étudie|confirme|relance
suspend|négocie|promet|inaugure|défend|abandonne|détaille|réexamine|soutient"""
OBJECTS = """une réforme très attendue|la fermeture de deux lycées|un plan contre la sécheresse
le calendrier des élections|une hausse de 4,5 % des tarifs|la rénovation du théâtre
un budget « à l'équilibre »|l'ouverture d'une enquête|la création de 350 emplois
un accord avec les salariés|le retour du train de nuit|une exposition consacrée à Berthe Morisot
la qualité de l'eau du fleuve|un nouveau vaccin|le classement d'une forêt millénaire
les résultats du troisième trimestre|la protection des abeilles|une œuvre disparue depuis 1943"""
ENDINGS = """malgré les critiques|après des mois de débats|dès la rentrée|sans attendre
à l'issue du vote|pour la première fois|à Saint-Étienne|dans l'Hérault|selon nos informations|faute de moyens
sur fond d'inflation|d'ici à 2030|à la surprise générale|cet été
en présence de 1 200 personnes"""
AUTHORS = """Hélène Lefèvre|Jérôme Müller|AFP|Zoé N'Diaye|la rédaction
François Châtelain|Inès Gómez"""
SECTIONS = "politique|économie|société|culture|sport|planète|santé|sciences|régions"
NAMED = {"é": "&eacute;", "è": "&egrave;", "à": "&agrave;", "ç": "&ccedil;", "«": "&laquo;"}


def words(text):
    return text.replace("\n", "|").split("|")


SUBJECTS, VERBS, OBJECTS, ENDINGS, AUTHORS, SECTIONS = map(
    words, (SUBJECTS, VERBS, OBJECTS, ENDINGS, AUTHORS, SECTIONS))


class Entry:
    """One article: its fields, its description as HTML and the same as text."""

    def __init__(self, rng, feed, number):
        self.title = self.sentence(rng)[:-1]
        if rng.random() < 0.2:
            self.title += " & ce qu'il faut savoir"
        self.author = rng.choice(AUTHORS)
        self.section = rng.choice(SECTIONS)
        self.date = START + datetime.timedelta(minutes=feed * 7 + number * 97)
        self.guid = f"urn:depeche:{feed:04d}-{number:02d}"
        self.url = (f"https://www.journal-{feed:04d}.example/actualite/"
                    f"{self.date:%Y/%m/%d}/article-{rng.randrange(10**6):06d}_{number}.html"
                    "?xtor=RSS")
        paragraphs = [" ".join(self.sentence(rng) for _ in range(rng.randint(1, 3)))
                      for _ in range(rng.randint(1, 2))]
        paragraphs[-1] += f" Dépêche {feed:04d}-{number:02d}."
        self.text = "\n".join(paragraphs)
        self.html = self.markup(rng, paragraphs)

    @staticmethod
    def sentence(rng):
        text = (f"{rng.choice(SUBJECTS)} {rng.choice(VERBS)} {rng.choice(OBJECTS)} "
                f"{rng.choice(ENDINGS)}.")
        return text[0].upper() + text[1:]

    def markup(self, rng, paragraphs):
        """The paragraphs as an editor's software writes them."""
        style = rng.random()
        out = []
        for paragraph in paragraphs:
            coded = html.escape(paragraph, quote=False)
            if style < 0.3:
                coded = "".join(NAMED.get(c, c) for c in coded)
            first, _, rest = coded.partition(" ")
            out.append(f"<p><strong>{first}</strong> {rest}</p>")
        if style < 0.6:
            out.insert(0, f'<img src="https://img.example/{rng.randrange(10**8)}.jpg" '
                          f'width="640" height="360" alt=""/>')
        out.append(f'<p><a href="{html.escape(self.url)}" class="suite" target="_blank"></a></p>')
        return "".join(out)

    def row(self, id_flux):
        """The finished row, as a line of COPY's text format."""
        fingerprint = hashlib.sha256(f"{self.title} {self.text}".encode()).hexdigest()
        meta = json.dumps({"guid": self.guid, "categories": [self.section]}, ensure_ascii=False)
        fields = (id_flux, self.title, self.text, self.url, self.author, "fr",
                  self.date.isoformat(), "\\x" + fingerprint, meta)
        return "\t".join(str(f).replace("\\", "\\\\").replace("\n", "\\n")
                         for f in fields) + "\n"


def rss20(feed, entries, coded):
    yield (f'<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
           f'xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n<title>Journal {feed}</title>\n'
           f'<link>https://www.journal-{feed:04d}.example/</link>\n'
           f'<description>Toute l\'actualité</description>\n<language>fr</language>\n'
           f'<atom:link rel="self" href="https://www.journal-{feed:04d}.example/rss.xml"/>\n')
    for e in entries:
        yield (f'<item>\n<title>{coded(e.title)}</title>\n<link>{escape(e.url)}</link>\n'
               f'<description>{coded(e.html)}</description>\n<dc:creator>{e.author}</dc:creator>\n'
               f'<category>{e.section}</category>\n<guid isPermaLink="false">{e.guid}</guid>\n'
               f'<pubDate>{email.utils.format_datetime(e.date)}</pubDate>\n'
               f'<enclosure url="https://img.example/{e.guid[-7:]}.jpg" length="48211" '
               f'type="image/jpeg"/>\n</item>\n')
    yield "</channel>\n</rss>\n"


def atom(feed, entries, coded):
    yield (f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr">\n'
           f'<id>urn:journal:{feed:04d}</id>\n<title>Journal {feed}</title>\n'
           f'<updated>{START.isoformat()}</updated>\n'
           f'<link href="https://www.journal-{feed:04d}.example/"/>\n')
    for e in entries:
        yield (f'<entry>\n<title type="text">{coded(e.title)}</title>\n<id>{e.guid}</id>\n'
               f'<link rel="alternate" type="text/html" href="{escape(e.url)}"/>\n'
               f'<published>{e.date.isoformat()}</published>\n'
               f'<updated>{e.date.isoformat()}</updated>\n'
               f'<author><name>{e.author}</name></author>\n<category term="{e.section}"/>\n'
               f'<summary type="html">{coded(e.html)}</summary>\n</entry>\n')
    yield "</feed>\n"


def rdf(feed, entries, coded):
    home = f"https://www.journal-{feed:04d}.example/"
    yield (f'<rdf:RDF xmlns="http://purl.org/rss/1.0/" '
           f'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
           f'xmlns:dc="http://purl.org/dc/elements/1.1/">\n<channel rdf:about="{home}">\n'
           f'<title>Journal {feed}</title>\n<link>{home}</link>\n'
           f'<description>Toute l\'actualité</description>\n<items><rdf:Seq>\n')
    for e in entries:
        yield f'<rdf:li rdf:resource="{escape(e.url)}"/>\n'
    yield "</rdf:Seq></items>\n</channel>\n"
    for e in entries:
        yield (f'<item rdf:about="{escape(e.url)}">\n<title>{coded(e.title)}</title>\n'
               f'<link>{escape(e.url)}</link>\n<description>{coded(e.html)}</description>\n'
               f'<dc:creator>{e.author}</dc:creator>\n<dc:subject>{e.section}</dc:subject>\n'
               f'<dc:language>fr</dc:language>\n<dc:date>{e.date.isoformat()}</dc:date>\n</item>\n')
    yield "</rdf:RDF>\n"


def cdata(text):
    return f"<![CDATA[{text}]]>"


# Twenty feeds in a row hold every format in its share.
FORMATS = ([("rss", rss20, cdata, "utf-8")] * 6 + [("rss", rss20, escape, "utf-8")] * 5 +
           [("rss", rss20, escape, "iso-8859-1")] +
           [("atom", atom, escape, "utf-8")] * 5 + [("rdf", rdf, escape, "utf-8")] * 3)


def main(directory, feeds=1000):
    os.makedirs(os.path.join(directory, "web"))
    with open(os.path.join(directory, "rows.copy"), "w", encoding="utf-8") as rows:
        for feed, (suffix, form, coded, encoding) in zip(range(feeds), itertools.cycle(FORMATS)):
            rng = random.Random(feed)
            entries = [Entry(rng, feed, number) for number in range(ENTRIES)]
            text = f'<?xml version="1.0" encoding="{encoding}"?>\n'
            text += "".join(form(feed, entries, coded))
            # A character that the charset lacks (an oe ligature) becomes a reference, as in life.
            data = text.encode(encoding, "xmlcharrefreplace")
            with open(os.path.join(directory, "web", f"{feed:04d}.{suffix}"), "wb") as out:
                out.write(data)
            rows.writelines(e.row(feed + 1) for e in entries)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
