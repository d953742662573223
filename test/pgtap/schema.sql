-- What the extension is made of: indexes, comments, what a dump takes along, and that the
-- users' notebooks run as they are.
BEGIN;
SELECT no_plan();

SELECT set_eq($$
	SELECT format('%s %s%s%s', amname, attname, CASE WHEN indisunique THEN ' unique' END,
		CASE WHEN indisprimary THEN ' primary' END)
	FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_am a ON a.oid = c.relam
	JOIN pg_attribute t ON t.attrelid = indexrelid
	WHERE indrelid = 'datasens.document'::regclass$$,
	ARRAY['brin date_publication', 'brin id_flux', 'btree hash_fingerprint unique',
		'btree id_doc unique primary'],
	'document has the key, the unique fingerprint and two BRIN, no more');

SELECT set_eq($$SELECT unnest(extconfig)::regclass::text FROM pg_extension WHERE extname = 'datasens'$$,
	$$SELECT c.oid::regclass::text FROM pg_class c WHERE relnamespace = 'datasens'::regnamespace
		AND relkind IN ('r', 'S') AND relname NOT IN ('secret', 'tache', 'archive', 'archive_id_archive_seq')$$,
	'every table and every sequence is dumped with its rows, but secrets, due times of tasks and the queue of archives');
SELECT is((SELECT array_agg(DISTINCT c) FROM pg_extension, unnest(extcondition) AS c
	WHERE extname = 'datasens'), ARRAY[''], 'all of them');
SELECT is((SELECT array_agg(DISTINCT relowner::regrole::text) FROM pg_class
	WHERE relnamespace = 'datasens'::regnamespace AND relkind IN ('r', 'S') AND relname <> 'secret'),
	ARRAY['pg_database_owner'], 'they belong to the owner of the database');

CREATE TEMP VIEW membres AS
SELECT classid, objid FROM pg_depend JOIN pg_extension e ON e.oid = refobjid AND extname = 'datasens'
WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e';
-- but for the sequences, which belong to a column that has one, and the types of rows and of
-- arrays, which are members from 17 on
SELECT is_empty($$SELECT pg_describe_object(classid, objid, 0) FROM membres
	WHERE obj_description(objid, classid::regclass::text) IS NULL
		AND NOT (classid = 'pg_class'::regclass
			AND EXISTS (SELECT FROM pg_class c WHERE c.oid = objid AND relkind = 'S'))
		AND NOT (classid = 'pg_type'::regclass
			AND EXISTS (SELECT FROM pg_type t WHERE t.oid = objid AND (typrelid <> 0 OR typelem <> 0)))$$,
	'everything has a comment');
SELECT is_empty($$SELECT objid::regclass, attname FROM membres JOIN pg_attribute ON attrelid = objid
	WHERE classid = 'pg_class'::regclass AND attnum > 0 AND NOT attisdropped
		AND EXISTS (SELECT FROM pg_class c WHERE c.oid = objid AND relkind IN ('r', 'v'))
		AND col_description(attrelid, attnum) IS NULL$$, 'every column of a table or view, too');
SELECT is_empty($$SELECT name FROM pg_settings WHERE name LIKE 'datasens.%' AND short_desc !~ '^[A-Z].*[.]$'$$,
	'every setting says in a sentence what it is');
SELECT is_empty($$SELECT p.oid::regprocedure FROM membres JOIN pg_proc p ON p.oid = objid
	WHERE classid = 'pg_proc'::regclass AND prosecdef$$, 'nothing is SECURITY DEFINER');

SELECT is_empty($$SELECT name FROM pg_settings WHERE name LIKE 'datasens.%' AND context = 'user'$$,
	'an ordinary user can set none of them');
SELECT throws_ok('ALTER SYSTEM SET datasens.inconnu = 1', NULL, NULL, 'a misspelt setting is refused');
SELECT CASE WHEN current_setting('server_version_num')::int < 150000
	THEN skip('a prefix cannot be reserved before 15', 1)
	ELSE throws_ok('SET datasens.inconnu = 1', '42602', NULL, 'in a session, too') END;

-- the users' notebook, as they have it
SET LOCAL search_path = datasens, public;
SELECT datasens_add_source('rss', 'Le Monde', 'http://monde.test/') AS un,
	datasens_add_source('rss', 'Vide', 'http://vide.test/') AS deux \gset
INSERT INTO flux (id_source, date_collecte, statut) VALUES
	(:un, NOW() - interval '3 hours', 'succes'), (:un, NOW() - interval '1 hour', 'succes');
INSERT INTO document (id_flux, titre, texte, hash_fingerprint)
SELECT f.id_flux, 'titre ' || i, 'texte', datasens_hash('titre ' || i || f.id_flux, 'texte')
FROM flux f, generate_series(1, 5) AS i;
SELECT results_eq('SELECT COUNT(*) FROM document', 'VALUES (10::bigint)', 'SELECT COUNT(*) FROM document');
SELECT results_eq($$
	SELECT s.nom, COUNT(d.id_doc), MAX(f.date_collecte), NOW() - MAX(f.date_collecte)
	FROM source s LEFT JOIN flux f ON s.id_source = f.id_source
	LEFT JOIN document d ON f.id_flux = d.id_flux GROUP BY s.nom ORDER BY s.nom$$,
	$$VALUES ('Le Monde', 10::bigint, NOW() - interval '1 hour', interval '1 hour'),
		('Vide', 0, NULL, NULL)$$, 'documents and age by source');
SELECT is((SELECT titre FROM document WHERE hash_fingerprint = (SELECT hash_fingerprint FROM document
	ORDER BY id_doc LIMIT 1)), 'titre 1', 'a document by its fingerprint');
SELECT is((SELECT count(*) FROM document WHERE hash_fingerprint LIKE substr(datasens_hash('titre 1'
	|| (SELECT min(id_flux) FROM flux), 'texte'), 1, 12) || '%'), 1::bigint, 'and by its first digits');

-- order: as bytes, whatever the collation
CREATE TEMP TABLE ordre AS SELECT datasens_hash(i::text)::datasens.fingerprint AS h FROM generate_series(1, 3000) AS i;
SELECT results_eq('SELECT h::bytea FROM ordre ORDER BY h', 'SELECT h::bytea FROM ordre ORDER BY h::bytea',
	'fingerprints are sorted as bytes');
SELECT is_empty($$SELECT attname FROM pg_attribute WHERE attrelid = 'datasens.document'::regclass
	AND attname = 'hash_fingerprint' AND attcollation <> 0$$, 'and meet no collation');

-- nothing twice
SELECT throws_ok($$INSERT INTO document (id_flux, titre, hash_fingerprint)
	SELECT id_flux, titre, hash_fingerprint FROM document LIMIT 1$$, '23505', NULL, 'a fingerprint is unique');

SELECT * FROM finish();
ROLLBACK;
