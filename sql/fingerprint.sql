--
-- The type datasens.fingerprint: what it reads and writes, how it compares,
-- which queries its indexes serve.
--
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS datasens;
RESET client_min_messages;
SET client_encoding = 'UTF8';

-- 64 digits in either case, nothing else
SELECT 'ABCDEF0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789'::datasens.fingerprint;
SELECT ''::datasens.fingerprint;
SELECT 'abc'::datasens.fingerprint;
SELECT repeat('0', 63)::datasens.fingerprint;
SELECT repeat('0', 65)::datasens.fingerprint;
SELECT (repeat('0', 64) || ' ')::datasens.fingerprint;
SELECT (' ' || repeat('0', 64))::datasens.fingerprint;
SELECT (repeat('0', 63) || 'g')::datasens.fingerprint;
SELECT (repeat('0', 7) || 'é' || repeat('0', 55))::datasens.fingerprint;
SELECT ('\x' || repeat('0', 62))::datasens.fingerprint;
\set VERBOSITY sqlstate
SELECT 'abc'::datasens.fingerprint;
\set VERBOSITY default

-- casts
SELECT pg_column_size(repeat('f', 64)::datasens.fingerprint);
SELECT repeat('0f', 32)::datasens.fingerprint::text;
SELECT repeat('0f', 32)::varchar(64)::datasens.fingerprint::varchar(8);
SELECT repeat('0f', 32)::datasens.fingerprint::bytea;
SELECT decode(repeat('0f', 32), 'hex')::datasens.fingerprint;
SELECT '\x0f'::bytea::datasens.fingerprint;

-- binary: 32 bytes, no more and no less
SELECT datasens.fingerprint_send(repeat('0f', 32));
CREATE TEMP TABLE binaire (h datasens.fingerprint);
COPY binaire FROM PROGRAM
	'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\1\0\0\0\40abcdefghijklmnopqrstuvwxyzABCDEF\377\377"'
	WITH (FORMAT binary);
SELECT h, convert_from(h::bytea, 'SQL_ASCII') FROM binaire;
COPY binaire FROM PROGRAM
	'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\1\0\0\0\37abcdefghijklmnopqrstuvwxyzABCDE\377\377"'
	WITH (FORMAT binary);
COPY binaire FROM PROGRAM
	'printf "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\1\0\0\0\41abcdefghijklmnopqrstuvwxyzABCDEFG\377\377"'
	WITH (FORMAT binary);

-- order: as bytes, which is as lower-case digits; every operator and its sister
CREATE TEMP TABLE petit (h datasens.fingerprint);
INSERT INTO petit VALUES
	(repeat('0', 64)), (repeat('0', 63) || '1'), ('7f' || repeat('f', 62)),
	('80' || repeat('0', 62)), ('80' || repeat('0', 14) || '01' || repeat('0', 46)),
	(repeat('f', 64)), (NULL);
SELECT left(h::text, 20) AS debut, right(h::text, 2) AS fin FROM petit ORDER BY h;
SELECT left(h::text, 20) AS debut, right(h::text, 2) AS fin FROM petit ORDER BY h DESC NULLS LAST;
SELECT count(*) AS paires,
	count(*) FILTER (WHERE (a.h = b.h) <> (a.h::text = b.h::text)) AS eq,
	count(*) FILTER (WHERE (a.h <> b.h) <> (a.h::text <> b.h::text)) AS ne,
	count(*) FILTER (WHERE (a.h < b.h) <> (a.h::text < b.h::text COLLATE "C")) AS lt,
	count(*) FILTER (WHERE (a.h <= b.h) <> (a.h::text <= b.h::text COLLATE "C")) AS le,
	count(*) FILTER (WHERE (a.h > b.h) <> (a.h::text > b.h::text COLLATE "C")) AS gt,
	count(*) FILTER (WHERE (a.h >= b.h) <> (a.h::text >= b.h::text COLLATE "C")) AS ge,
	count(*) FILTER (WHERE sign(datasens.fingerprint_cmp(a.h, b.h))
		<> (a.h > b.h)::int - (a.h < b.h)::int) AS cmp
FROM petit a CROSS JOIN petit b WHERE a.h IS NOT NULL AND b.h IS NOT NULL;

-- many: sorted by abbreviated keys, with neighbours that agree in them
CREATE TEMP TABLE grand (h datasens.fingerprint, v varchar(64), x text);
INSERT INTO grand SELECT d, d, d FROM (
	SELECT datasens_hash(i::text) AS d FROM generate_series(1, 5000) AS i
	UNION ALL
	SELECT left(datasens_hash((i / 10)::text), 16) || right(datasens_hash(i::text), 48)
	FROM generate_series(1, 5000) AS i) AS digits;
SELECT count(*), count(DISTINCT h) AS distincts FROM grand;
SELECT bool_and(h >= avant) AS en_ordre FROM (SELECT h, lag(h) OVER (ORDER BY h) AS avant FROM grand) AS g;
SELECT (SELECT array_agg(h::text ORDER BY h) FROM grand)
	= (SELECT array_agg(x ORDER BY x COLLATE "C") FROM grand) AS comme_texte;

-- the index serves whatever the value is written as
CREATE UNIQUE INDEX grand_h ON grand (h);
ANALYZE grand;
SET enable_bitmapscan = off;
SET enable_indexonlyscan = off;
EXPLAIN (COSTS OFF) SELECT * FROM grand WHERE h = 'ABCDEF0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789';
EXPLAIN (COSTS OFF) SELECT * FROM grand WHERE h = datasens_hash('Été', 'à Nîmes');
EXPLAIN (COSTS OFF) SELECT * FROM grand WHERE datasens_hash('1') = h;
EXPLAIN (COSTS OFF) SELECT * FROM grand WHERE h = datasens_hash('1')::varchar(64);
EXPLAIN (COSTS OFF) SELECT * FROM grand WHERE h = ANY (ARRAY[datasens_hash('1')]);
EXPLAIN (COSTS OFF) SELECT * FROM grand WHERE h IN
	('6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b',
	 'd4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35');
EXPLAIN (COSTS OFF) SELECT * FROM grand WHERE h < datasens_hash('1') ORDER BY h LIMIT 1;
PREPARE par_texte (text) AS SELECT count(*) FROM grand WHERE h = $1;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (COSTS OFF) EXECUTE par_texte ('');
EXECUTE par_texte ('6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b');
RESET plan_cache_mode;

SELECT count(*) FROM grand WHERE h = datasens_hash('1');
SELECT count(*) FROM grand WHERE h IN
	('6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b',
	 'd4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35');
SELECT count(*) FROM grand WHERE h <> datasens_hash('1');
SELECT count(*) FROM grand WHERE h LIKE '6b86b273%';
SELECT count(*) FROM grand WHERE h NOT LIKE '6b86b273%';
SELECT count(*) FROM grand WHERE h = 'abc';
INSERT INTO grand (h) VALUES (datasens_hash('1'));
INSERT INTO grand (h) VALUES (datasens_hash('1')) ON CONFLICT (h) DO NOTHING;

-- a varchar(64), as it was before: every way to join agrees
SET enable_hashjoin = on; SET enable_mergejoin = off; SET enable_nestloop = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM grand a JOIN grand b ON a.h = b.v;
SELECT count(*) FROM grand a JOIN grand b ON a.h = b.v;
SET enable_hashjoin = off; SET enable_mergejoin = on;
EXPLAIN (COSTS OFF) SELECT count(*) FROM grand a JOIN grand b ON a.v = b.h;
SELECT count(*) FROM grand a JOIN grand b ON a.v = b.h;
SET enable_mergejoin = off; SET enable_nestloop = on;
SELECT count(*) FROM grand a JOIN grand b ON a.h = b.x;
RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_nestloop;

-- hash: an index of it, and the two functions agree
CREATE INDEX grand_hash ON grand USING hash (h);
DROP INDEX grand_h;
EXPLAIN (COSTS OFF) SELECT * FROM grand WHERE h = datasens_hash('1');
SELECT count(*) FROM grand WHERE h = datasens_hash('1');
SELECT bool_and(datasens.fingerprint_hash_extended(h, 0)::bit(32) = datasens.fingerprint_hash(h)::bit(32)) AS accord,
	count(DISTINCT datasens.fingerprint_hash_extended(h, 1)) AS fins
FROM grand;
CREATE TEMP TABLE partage (h datasens.fingerprint) PARTITION BY HASH (h);
CREATE TEMP TABLE partage_0 PARTITION OF partage FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TEMP TABLE partage_1 PARTITION OF partage FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO partage SELECT h FROM grand;
SELECT count(*) BETWEEN 4500 AND 5500 AS moitie FROM partage_0;

-- the operator classes are whole
SELECT opcname, amvalidate(c.oid) FROM pg_opclass c JOIN pg_am a ON a.oid = c.opcmethod
WHERE opcintype = 'datasens.fingerprint'::regtype ORDER BY amname;
