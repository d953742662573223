--
-- datasens_parse_feed, datasens_parse_date: the parsers by themselves.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS datasens;
RESET client_min_messages;
SET client_encoding = 'UTF8';
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';

CREATE TEMP TABLE lu (nom text, contenu bytea, content_type text, url text);
CREATE FUNCTION pg_temp.lire(nom text) RETURNS TABLE ("position" int, titre text, texte text,
	resume text, url text, guid text, auteur text, langue text, date_publication timestamptz,
	hash_fingerprint datasens.fingerprint, meta jsonb)
LANGUAGE sql AS 'SELECT f.* FROM lu, datasens_parse_feed(contenu, content_type, url) AS f WHERE lu.nom = $1';

-- RSS 2.0: everything an entry can say
INSERT INTO lu VALUES ('rss', convert_to($$<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
	xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>À la une</title><link>https://exemple.fr/</link><language>fr-FR</language>
<item>
	<title>L'été à Nîmes : &lt;b&gt;30&lt;/b&gt;&amp;nbsp;°C</title>
	<link>/meteo/nimes</link><guid isPermaLink="false">nimes-1</guid>
	<dc:creator>Zoé Lefèvre</dc:creator><category>météo</category>
	<pubDate>Mon, 05 Aug 2024 14:30:00 +0200</pubDate>
	<description>Chaleur&#8230;</description>
	<content:encoded><![CDATA[<p>Il fait chaud.</p><p>Tr&egrave;s chaud&nbsp;!<script>x()</script></p>]]></content:encoded>
</item>
<item><title>Sans rien d'autre</title></item>
<item><description>Sans titre</description><pubDate>hier</pubDate></item>
</channel></rss>$$, 'UTF8'), 'application/rss+xml', 'https://exemple.fr/rss/une.xml');
\x on
SELECT * FROM pg_temp.lire('rss');
\x off

-- the fingerprint is that of what is there
SELECT "position", hash_fingerprint = datasens_hash(titre, texte) AS accord FROM pg_temp.lire('rss');

-- Atom, with xml:base and xml:lang; RDF; JSON Feed
INSERT INTO lu VALUES ('atom', convert_to($$<feed xmlns="http://www.w3.org/2005/Atom"
	xml:base="http://exemple.org/blog/" xml:lang="en"><title>t</title>
<entry xml:lang="fr" xml:base="2024/"><title type="html">C&amp;oelig;ur &amp;lt;3</title>
	<link href="coeur"/><id>urn:x:1</id><updated>2024-08-05T14:30:00.25Z</updated>
	<author><name>Zoé</name></author><summary>Court</summary>
	<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Un <em>cœur</em></div></content>
</entry></feed>$$, 'UTF8'), NULL, NULL),
('rdf', convert_to($$<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="http://x.fr/"><title>c</title></channel>
<item rdf:about="http://x.fr/1"><title>Un</title><link>http://x.fr/1</link><dc:date>2024-08-05</dc:date></item>
</rdf:RDF>$$, 'UTF8'), NULL, NULL),
('json', convert_to($${"version": "https://jsonfeed.org/version/1.1", "title": "t", "language": "fr",
	"items": [{"id": "1", "url": "https://x.fr/1", "title": "Été", "content_html": "<p>Un &amp; deux</p>",
	"date_published": "2024-08-05T16:30:00+02:00"}, {"id": 2, "content_text": "1 < 2"}]}$$, 'UTF8'),
	'application/feed+json', NULL);
SELECT nom, titre, texte, resume, f.url, guid, auteur, langue, date_publication
FROM lu, datasens_parse_feed(contenu, content_type, lu.url) AS f
WHERE nom IN ('atom', 'rdf', 'json') ORDER BY nom, "position";

-- charsets: what HTTP says, what XML declares, what the bytes are
SELECT cas, titre FROM (VALUES
	('declare', convert_to('<?xml version="1.0" encoding="ISO-8859-15"?><rss><channel><item><title>30 €</title></item></channel></rss>', 'LATIN9'), NULL),
	('http', convert_to('<rss><channel><item><title>30 €</title></item></channel></rss>', 'LATIN9'), 'text/xml; charset="iso-8859-15"'),
	('rien', convert_to('<rss><channel><item><title>30 € d’été</title></item></channel></rss>', 'WIN1252'), NULL),
	('menti', convert_to('<?xml version="1.0" encoding="UTF-8"?><rss><channel><item><title>été</title></item></channel></rss>', 'LATIN1'), 'text/xml; charset=utf-8'),
	('nul', '\x3c7273733e3c6368616e6e656c3e3c6974656d3e3c7469746c653e6100623c2f7469746c653e3c2f6974656d3e3c2f6368616e6e656c3e3c2f7273733e'::bytea, NULL))
	AS v (cas, contenu, content_type)
CROSS JOIN LATERAL datasens_parse_feed(contenu, content_type) ORDER BY cas;

-- not well-formed: what can be read is
SELECT titre, texte, f.url FROM datasens_parse_feed(convert_to('<rss version="2.0"><channel>
<item><title>Marks & Spencer &eacute;</title><link>http://x.fr/?a=1&b=2</link><description>un</description></item>
<item><title>Deux</title><description>coup', 'UTF8')) AS f;

-- no feed, and why
SELECT * FROM datasens_parse_feed('');
SELECT * FROM datasens_parse_feed('<!DOCTYPE html><html><body>404</body></html>');
SELECT * FROM datasens_parse_feed('{"a": 1}');
SELECT * FROM datasens_parse_feed('bonjour');
SELECT * FROM datasens_parse_feed('<opml><body/></opml>');
\set VERBOSITY sqlstate
SELECT * FROM datasens_parse_feed('bonjour');
\set VERBOSITY default
SELECT count(*) FROM datasens_parse_feed(NULL);
SELECT count(*) FROM datasens_parse_feed('<rss version="2.0"><channel><title>vide</title></channel></rss>');

-- hostile: entities that grow, a file that is not read, depth, size
SELECT count(*) FROM datasens_parse_feed(convert_to('<!DOCTYPE rss [<!ENTITY a "' || repeat('x', 1000) || '">'
	|| (SELECT string_agg(format('<!ENTITY %s "%s">', chr(97 + i), repeat('&' || chr(96 + i) || ';', 20)), '')
		FROM generate_series(1, 10) AS i)
	|| ']><rss><channel><item><title>&k;</title></item></channel></rss>', 'UTF8'));
SELECT titre FROM datasens_parse_feed('<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<rss><channel><item><title>[&f;]</title></item></channel></rss>');
SELECT count(*) FROM datasens_parse_feed(convert_to('<rss><channel><item><title>t</title>'
	|| repeat('<a>', 100000) || '</item></channel></rss>', 'UTF8'));
SET datasens.max_response_size = '1kB';
SELECT count(*) FROM datasens_parse_feed(convert_to('<rss>' || repeat(' ', 2000) || '</rss>', 'UTF8'));
RESET datasens.max_response_size;

-- beside the server's own use of libxml2, in either order and after its errors
SELECT xpath('/a/text()', '<a>é</a>'), (SELECT titre FROM pg_temp.lire('rdf')) AS titre,
	xml_is_well_formed('<a>&x;</a>');
SELECT '<a'::xml;
SELECT (SELECT count(*) FROM pg_temp.lire('rss')) AS n, xmlserialize(content '<b/>'::xml AS text);

-- in the target list, joined, and cut short
SELECT (datasens_parse_feed(contenu, content_type, url)).titre FROM lu WHERE nom = 'rdf';
SELECT titre FROM pg_temp.lire('rss') LIMIT 1;

-- dates: what is none is null
SELECT v AS date, datasens_parse_date(v)
FROM (VALUES ('Mon, 05 Aug 2024 14:30:00 +0200'), ('05 Aug 24 14:30 EST'), ('2024-08-05T14:30:00.123456Z'),
	('2024-08-05'), ('2024-W32-1'), ('lun. 5 août 2024 14:30'), ('1722868200'), ('hier'), (''), (NULL),
	('2024-13-45'), ('0001-01-01T00:00:00Z'), ('9999-12-31T23:59:59Z')) AS d (v);
