-- Figures, the summary line, and the check of what is stored: what they say, and that they
-- keep up with whatever is done to the tables.
BEGIN;
SELECT no_plan();
SELECT datasens_add_source('rss', 'a', 'http://a.test/') AS a,
	datasens_add_source('rss', 'b', 'http://b.test/') AS b \gset

-- as if collected: flux, documents and totals as a run leaves them
CREATE FUNCTION pg_temp.collecte(source int, n int, depuis interval) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	id bigint;
BEGIN
	INSERT INTO datasens.flux (id_source, statut, date_collecte, nb_lus, nb_inseres)
	VALUES (source, 'succes', now() - depuis, n, n) RETURNING id_flux INTO id;
	INSERT INTO datasens.document (id_flux, titre, texte, hash_fingerprint)
	SELECT id, 't' || i, x, datasens_hash('t' || i, x)
	FROM generate_series(1, n) AS i, repeat('é' || id || ' ', i * 900) AS x;
	UPDATE datasens.etat_source SET total_docs = total_docs + n, dernier_apport = n,
		derniere_collecte = now() - depuis, dernier_succes = now() - depuis WHERE id_source = source;
	RETURN id;
END $$;
SELECT pg_temp.collecte(:a, 3, '2 days') AS f1, pg_temp.collecte(:a, 2, '1 hour') AS f2,
	pg_temp.collecte(:b, 4, '30 hours') AS f3 \gset

-- figures
PREPARE chiffres AS SELECT nom, type_source, total_docs, nouveaux, croissance FROM datasens_stats();
SELECT results_eq('chiffres', $$VALUES ('a', 'rss', 5::bigint, 2::bigint, 2::bigint), ('b', 'rss', 4, 0, 4),
	(NULL, NULL, 9, 2, 6)$$, 'in total, new since yesterday, by the last run; and their sums');
SELECT is((SELECT nouveaux FROM datasens_stats(NULL) WHERE nom IS NULL), 9::bigint, 'since ever');
SELECT is((SELECT nouveaux FROM datasens_stats(now() - interval '31 hours') WHERE nom = 'b'), 4::bigint,
	'since then');
SELECT is((SELECT max(derniere_collecte) FROM datasens_stats()), date_trunc('second', now() - interval '1 hour'),
	'the last run of all');
SELECT is(datasens_summary(),
	'sources actives : 2 sur 2, obsolètes : 1, en échec : 0 ; documents : 9 (+6)', 'the summary line');
SET LOCAL datasens.report_language = 'en';
SELECT is(datasens_summary(), 'active sources: 2 of 2, obsolete: 1, failing: 0; documents: 9 (+6)', 'in English');
SELECT throws_ok($$SET LOCAL datasens.report_language = 'de'$$, '22023', NULL, 'no other language');

-- metrics: every line of the form, each metric's samples together, nothing of a name outside its quotes
SELECT datasens_add_source('rss', 'c', 'http://c.test/') AS c \gset
UPDATE datasens.source SET nom = E'"},\n\\x{le="' WHERE id_source = :c;
UPDATE datasens.etat_source SET prochaine_collecte = 'infinity' WHERE id_source = :c;
CREATE TEMP TABLE lignes AS SELECT n, l FROM string_to_table(datasens_metrics(), E'\n') WITH ORDINALITY AS t (l, n);
SELECT is((SELECT l FROM lignes ORDER BY n DESC OFFSET 1 LIMIT 1), '# EOF', 'metrics end as OpenMetrics does');
SELECT is_empty($$SELECT l FROM lignes WHERE l !~ '^(# (TYPE [a-z_]+ gauge|UNIT [a-z_]+ (seconds|bytes)|HELP [a-z_]+ .+|EOF)|[a-z_]+(\{[a-z]+="([^"\\]|\\["n\\])*"(,[a-z]+="([^"\\]|\\["n\\])*")*\})? -?[0-9.]+|)$'$$,
	'every line has its form');
SELECT is((SELECT count(*) FROM lignes WHERE l LIKE '# TYPE %'), (SELECT count(DISTINCT l) FROM lignes WHERE l LIKE '# TYPE %'),
	'each metric once');
SELECT results_eq($$SELECT l FROM lignes WHERE l LIKE 'datasens_source_documents{%' ORDER BY n$$,
	$$VALUES ('datasens_source_documents{source="\"},\n\\x{le=\"",type="rss"} 0'),
		('datasens_source_documents{source="a",type="rss"} 5'), ('datasens_source_documents{source="b",type="rss"} 4')$$,
	'documents of each source');
SELECT is((SELECT count(*) FROM lignes WHERE l LIKE 'datasens_source_next_run%{%'), 2::bigint, 'no sample of what will never be');
SELECT is((SELECT string_agg(l, ' ' ORDER BY n) FROM lignes WHERE l ~ '^datasens_sources.*(ok|jamais|obsolete)'),
	'datasens_sources{status="jamais"} 1 datasens_sources{status="obsolete"} 1 datasens_sources{status="ok"} 1', 'how many are how');
SELECT datasens_drop_source(nom) IS NULL AS x FROM datasens.source WHERE id_source = :c \gset

-- nothing is wrong, also after what is deleted
SELECT is_empty('SELECT * FROM datasens_check()', 'nothing is wrong');
DELETE FROM datasens.document WHERE id_flux = :f1 AND titre IN ('t1', 't2');
SELECT is((SELECT total_docs FROM datasens_health() WHERE nom = 'a'), 3::bigint, 'the total follows a DELETE');
SELECT is((SELECT nb_supprimes FROM datasens.flux WHERE id_flux = :f1), 2::bigint, 'its flux tells of it');
DELETE FROM datasens.document WHERE titre = 't3';
SELECT results_eq('SELECT total_docs FROM datasens_stats()', 'VALUES (2::bigint), (3), (5)', 'of several sources at once');
DELETE FROM datasens.document WHERE false;
CREATE TABLE datasens.autre (x text, y int, id_flux bigint);
CREATE TRIGGER autre_removed AFTER DELETE ON datasens.autre REFERENCING OLD TABLE AS removed
	FOR EACH STATEMENT EXECUTE FUNCTION datasens.document_removed();
INSERT INTO datasens.autre VALUES ('a', 1, :f1), ('b', 2, :f1), ('c', 3, :f3);
SAVEPOINT avant;
DELETE FROM datasens.autre;
DELETE FROM datasens.document WHERE id_flux = :f2 AND titre = 't1';
SELECT results_eq('SELECT total_docs FROM datasens_stats()', 'VALUES (-1::bigint), (2), (1)', 'records of other tables likewise');
ROLLBACK TO avant;
SELECT is_empty('SELECT * FROM datasens_check()', 'nothing is wrong still');

-- each fault is found
SAVEPOINT sain;
UPDATE datasens.document SET texte = texte || '.' WHERE id_flux = :f2 AND titre = 't1';
SELECT results_eq('SELECT objet, id, probleme, attendu, trouve FROM datasens_check()',
	format($$SELECT 'document', id_doc, 'empreinte', datasens_hash(titre, texte), hash_fingerprint::text
		FROM datasens.document WHERE id_flux = %s AND titre = 't1'$$, :f2), 'a changed text');
ROLLBACK TO sain;
UPDATE datasens.document SET titre = NULL WHERE id_flux = :f2;
SELECT is((SELECT count(*) FROM datasens_check() WHERE probleme = 'empreinte'), 2::bigint, 'titles gone');
ROLLBACK TO sain;
UPDATE datasens.etat_source SET total_docs = 7 WHERE id_source = :b;
SELECT results_eq('SELECT * FROM datasens_check()',
	format($$VALUES ('source', %s::bigint, 'compte', '3 documents', '7')$$, :b), 'a wrong total');
ROLLBACK TO sain;
INSERT INTO datasens.document (id_flux, titre, hash_fingerprint) VALUES (:f3, 'x', datasens_hash('x', NULL));
SELECT set_eq('SELECT objet, id, attendu, trouve FROM datasens_check()',
	format($$VALUES ('flux', %s::bigint, '3 documents', '4'), ('source', %s, '4 documents', '3')$$, :f3, :b),
	'a document that nobody collected');
ROLLBACK TO sain;
INSERT INTO datasens.document (id_flux, titre, hash_fingerprint) VALUES (999, 'x', datasens_hash('x', NULL));
SELECT results_eq('SELECT objet, probleme, attendu FROM datasens_check()', $$VALUES ('document', 'orphelin', 'flux 999')$$,
	'a document without a flux');
ROLLBACK TO sain;
UPDATE datasens.flux SET nb_lus = 9 WHERE id_flux = :f3;
SELECT results_eq('SELECT * FROM datasens_check()',
	format($$VALUES ('flux', %s::bigint, 'compte', '9 = nb_lus', '4')$$, :f3), 'a flux that contradicts itself');
ROLLBACK TO sain;
INSERT INTO datasens.flux (id_source, statut) VALUES (999, 'succes');
INSERT INTO datasens.rejet (id_flux, motif) VALUES (998, 'x');
SELECT set_eq('SELECT objet, probleme, attendu FROM datasens_check()',
	$$VALUES ('flux', 'orphelin', 'source 999'), ('rejet', 'orphelin', 'flux 998')$$, 'flux and rejects of nobody');
ROLLBACK TO sain;
SET LOCAL session_replication_role = replica;
DELETE FROM datasens.document WHERE id_flux = :f3 AND titre = 't1';
SELECT set_eq('SELECT objet, attendu, trouve FROM datasens_check()',
	$$VALUES ('flux', '3 documents', '2'), ('source', '2 documents', '3')$$, 'a document lost on the way');
ROLLBACK TO sain;

-- all at once
UPDATE datasens.flux SET nb_supprimes = 0;
UPDATE datasens.etat_source SET total_docs = 99;
TRUNCATE datasens.document;
SELECT is((SELECT total_docs FROM datasens_stats() WHERE nom IS NULL), 0::bigint, 'TRUNCATE is followed, too');
SELECT is((SELECT sum(nb_inseres - nb_supprimes) FROM datasens.flux), 0::numeric, 'by the flux');
SELECT is_empty('SELECT * FROM datasens_check()', 'and nothing is wrong');

-- every table of records: its rows keep their flux, and are taken off the counts
CREATE TEMP TABLE sortes (nom text, colonnes text, valeurs text);
INSERT INTO sortes VALUES ('document', 'titre, hash_fingerprint', 'i::text, datasens_hash(i::text)'),
	('meteo', 'lat, lon, date_obs', 'i, i, now()'), ('evenement', 'id_evenement', 'i'),
	('document_evenement', 'id_evenement, hash_url, phrase, url', 'i, datasens_hash(i::text), 1, i::text');
CREATE FUNCTION pg_temp.remplit(nom text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	s record;
	id bigint;
BEGIN
	SELECT * INTO s FROM sortes WHERE sortes.nom = $1;
	INSERT INTO datasens.flux (id_source, statut, nb_lus, nb_inseres)
	SELECT min(id_source), 'succes', 3, 3 FROM datasens.source RETURNING id_flux INTO id;
	EXECUTE format('INSERT INTO datasens.%I (id_flux, %s) SELECT %s, %s FROM generate_series(1, 3) AS i',
		nom, s.colonnes, id, s.valeurs);
	UPDATE datasens.etat_source e SET total_docs = total_docs + 3 FROM datasens.flux f
	WHERE f.id_flux = id AND e.id_source = f.id_source;
	RETURN id;
END $$;
CREATE TEMP TABLE remplis AS SELECT nom, pg_temp.remplit(nom) AS id_flux FROM sortes;
SELECT throws_ok(format('DELETE FROM datasens.flux WHERE id_flux = %s', id_flux), '23503',
	format('cannot delete flux %s: rows of datasens.%s refer to it', id_flux, nom), 'a flux of ' || nom)
FROM remplis;
SELECT throws_ok('DELETE FROM datasens.flux', '23503', NULL, 'all of them');
SELECT lives_ok(format('DELETE FROM datasens.%I WHERE id_flux = %s', nom, id_flux), 'deleted: ' || nom) FROM remplis;
SELECT is_empty('SELECT * FROM datasens_check()', 'the counts follow');
SELECT is((SELECT sum(nb_supprimes) FROM datasens.flux JOIN remplis USING (id_flux)), 12::numeric, 'of each');
DELETE FROM datasens.flux WHERE id_flux IN (SELECT id_flux FROM remplis);
SELECT count(pg_temp.remplit(nom)) AS x FROM sortes \gset
SELECT lives_ok(format('TRUNCATE datasens.%I', nom), 'emptied: ' || nom) FROM sortes;
SELECT is_empty('SELECT * FROM datasens_check()', 'the counts follow');
SELECT datasens_drop_source('a', true) IS NULL AS x \gset
SELECT is_empty('SELECT * FROM datasens_check()', 'nor after a source is dropped');

SELECT * FROM finish();
ROLLBACK;
