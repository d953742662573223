--
-- datasens_hash: SHA-256 of UTF-8, whatever the encoding of the database.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS datasens;
RESET client_min_messages;
SET client_encoding = 'UTF8';

-- FIPS 180-4's examples
SELECT datasens_hash('');
SELECT datasens_hash('abc');
SELECT datasens_hash('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq');
SELECT datasens_hash(repeat('a', 1000000));

-- what Python's hashlib.sha256("…".encode()).hexdigest() gives
SELECT datasens_hash('L''été à Nîmes : 30 °C') = '6e0846bb215437e00de6b303fb1660dfc5c219c8bb3b73c47d49d38f192515c5' AS comme_python;
SELECT datasens_hash('L''été', 'à Nîmes : 30 °C')
	= '6e0846bb215437e00de6b303fb1660dfc5c219c8bb3b73c47d49d38f192515c5' AS comme_python;

-- the server's own
SELECT count(*) FILTER (WHERE datasens_hash(t) <> encode(sha256(convert_to(t, 'UTF8')), 'hex')) AS autres
FROM (SELECT repeat('é', i) || repeat('x', i % 7) AS t FROM generate_series(0, 300) AS i) AS textes;

-- titre, a space, texte; a null counts as empty, two nulls make one
SELECT datasens_hash('a', 'b') = datasens_hash('a b') AS titre_et_texte,
	datasens_hash(NULL, 'b') = datasens_hash(' b') AS sans_titre,
	datasens_hash('a', NULL) = datasens_hash('a ') AS sans_texte,
	datasens_hash('', '') = datasens_hash(' ') AS vides,
	datasens_hash(NULL, NULL) IS NULL AS sans_rien,
	datasens_hash(NULL) IS NULL AS nul;

-- long values, toasted and compressed ones
CREATE TEMP TABLE longs (titre text, texte text);
INSERT INTO longs VALUES ('titre', repeat('données ', 100000));
SELECT datasens_hash(titre, texte)
	= encode(sha256(convert_to(titre || ' ' || texte, 'UTF8')), 'hex') AS accord FROM longs;

-- the same in a database of another encoding
SELECT current_database() AS base \gset
SET client_min_messages = warning;
DROP DATABASE IF EXISTS datasens_latin1;
RESET client_min_messages;
CREATE DATABASE datasens_latin1 TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
\c datasens_latin1
SET client_min_messages = warning;
CREATE EXTENSION datasens;
RESET client_min_messages;
SET client_encoding = 'UTF8';
SHOW server_encoding;
SELECT octet_length('é') AS octets;
SELECT datasens_hash('L''été à Nîmes : 30 °C') = '6e0846bb215437e00de6b303fb1660dfc5c219c8bb3b73c47d49d38f192515c5' AS comme_python;
SELECT datasens_hash('L''été', 'à Nîmes : 30 °C')
	= '6e0846bb215437e00de6b303fb1660dfc5c219c8bb3b73c47d49d38f192515c5' AS comme_python;
SELECT datasens_hash('abc');
CREATE TABLE longs (titre text, texte text);
INSERT INTO longs VALUES ('titre', repeat('données ', 100000));
SELECT datasens_hash(titre, texte)
	= encode(sha256(convert_to(titre || ' ' || texte, 'UTF8')), 'hex') AS accord FROM longs;

-- where a feed has characters that the database lacks, what is left is hashed
SELECT titre, texte, meta -> 'categories' AS categories,
	hash_fingerprint = datasens_hash(titre, texte) AS accord
FROM datasens_parse_feed($$<rss version="2.0"><channel>
<item><title>30 &#8364; l&#8217;&#233;t&#233;</title><description>&#26085;&#26412; fin</description>
<category>&#8220;x&#8221;</category></item>
<item><title>&#26085;&#26412;</title></item>
<item><title>??</title></item>
</channel></rss>$$::bytea);
SELECT length(titre) AS longueur, titre = repeat('?', 30000) || 'é' AS remplace
FROM datasens_parse_feed(convert_to('<rss version="2.0"><channel><item><title>'
	|| repeat('&#26085;', 30000) || '&#233;</title></item></channel></rss>', 'UTF8'));
\c :base
DROP DATABASE datasens_latin1;
