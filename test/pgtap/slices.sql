-- The ledger of slices: what a backfill queues, what it leaves alone, what it asks for again;
-- its control.
BEGIN;
SELECT no_plan();
SET LOCAL search_path = datasens, public;
SET LOCAL timezone = 'UTC';

SELECT datasens_add_source('gdelt', 'monde', planification => '0 0 29 2 *',
	options => '{"flux": ["export", "gkg"]}') AS monde,
	datasens_add_source('rss', 'fil', 'http://fil.test/', planification => '0 0 29 2 *') AS fil \gset

-- a ledger with all there can be: of gkg hours 1 to 5 of 2020-01-01, one each
INSERT INTO tranche (id_source, flux, periode, statut, octets, md5)
SELECT :monde, 'gkg', tstzrange('2020-01-01 00:00'::timestamptz + make_interval(hours => i::int),
	'2020-01-01 01:00'::timestamptz + make_interval(hours => i::int)), statut, NULL, NULL
FROM unnest(ARRAY['collectee', 'absente', 'echec', 'attendue', 'absente']) WITH ORDINALITY AS s (statut, i);

CREATE TEMP VIEW registre AS
SELECT flux, statut, to_char(lower(periode), 'DD HH24:MI') AS debut, to_char(upper(periode), 'DD HH24:MI') AS fin,
	id_historique IS NOT NULL AS demande FROM tranche ORDER BY flux, lower(periode);

SELECT datasens_backfill('monde', '2020-01-01 00:07', '2020-01-01 05:30') AS historique \gset
SELECT results_eq('SELECT * FROM registre WHERE flux = ''export''',
	$$VALUES ('export', 'attendue', '01 00:15', '01 05:30', true)$$, 'a backfill is one row a stream');
SELECT results_eq('SELECT * FROM registre WHERE flux = ''gkg''', $$VALUES
	('gkg', 'attendue', '01 00:15', '01 01:00', true), ('gkg', 'collectee', '01 01:00', '01 02:00', false),
	('gkg', 'attendue', '01 02:00', '01 04:00', true), ('gkg', 'attendue', '01 04:00', '01 05:00', false),
	('gkg', 'attendue', '01 05:00', '01 05:30', true), ('gkg', 'absente', '01 05:30', '01 06:00', false)$$,
	'less what is there and what is expected; with what failed or was absent, inside of the period');
SELECT results_eq('SELECT nom, statut, prevues, collectees, attendues FROM datasens_backfills',
	'VALUES (''monde'', ''en_cours'', 34::numeric, 0::numeric, 34::numeric)', 'the view counts its slices');
SELECT results_eq('SELECT nom, phase, tranches, tranches_prevues, tranches_restantes, barre FROM datasens_progress',
	$$VALUES ('monde', 'historique', 0::numeric, 34::numeric, 34::numeric, '[--------------------]   0 %')$$, 'as does the progress');
SAVEPOINT un_tiers;
UPDATE tranche SET statut = 'collectee' WHERE flux = 'gkg' AND id_historique IS NOT NULL;
SELECT results_eq('SELECT tranches, tranches_restantes, barre FROM datasens_progress',
	$$VALUES (13::numeric, 21::numeric, '[#######-------------]  38 %')$$, 'with a bar');
ROLLBACK TO un_tiers;
SELECT is((SELECT declencheur FROM etat_source WHERE id_source = :monde), 'manuel', 'its source is due');
SELECT is((SELECT count(*) FROM journal WHERE action = 'HISTORIQUE_DEMANDE'), 1::bigint, 'the journal has it');
SELECT is_empty('SELECT FROM tranche a JOIN tranche b USING (id_source, flux)
	WHERE a.id_tranche < b.id_tranche AND a.periode && b.periode', 'no two rows overlap');

-- pause, resume, cancel
SELECT lives_ok(format('SELECT datasens_backfill_pause(%s)', :historique), 'it can be paused');
SELECT is((SELECT statut FROM datasens_backfills), 'suspendu', 'which shows');
SELECT lives_ok(format('SELECT datasens_backfill_pause(%s)', :historique), 'twice, too');
SELECT lives_ok(format('SELECT datasens_backfill_resume(%s)', :historique), 'and gone on with');
SELECT is((SELECT statut FROM datasens_backfills), 'en_cours', 'which shows');
SELECT is(datasens_backfill_cancel(:historique), 34::bigint, 'and cancelled');
SELECT results_eq('SELECT * FROM registre', $$VALUES ('gkg', 'collectee', '01 01:00', '01 02:00', false),
	('gkg', 'attendue', '01 04:00', '01 05:00', false), ('gkg', 'absente', '01 05:30', '01 06:00', false)$$,
	'then it expects nothing, and what is there stays');
SELECT is(datasens_backfill_cancel(:historique), 0::bigint, 'twice, too');
SELECT throws_ok(format('SELECT datasens_backfill_resume(%s)', :historique), '55000',
	format('backfill %s has ended', :historique), 'but not gone on with');
SELECT throws_ok('SELECT datasens_backfill_pause(-1)', '42704', 'there is no backfill -1', 'one that is not there');
SELECT throws_ok('SELECT datasens_backfill_resume(-1)', '42704', 'there is no backfill -1', 'likewise');
SELECT throws_ok('SELECT datasens_backfill_cancel(-1)', '42704', 'there is no backfill -1', 'likewise');

-- nothing left to do, years, errors
DELETE FROM tranche;
INSERT INTO tranche (id_source, flux, periode, statut)
SELECT :monde, f, '[2020-01-01, 2021-01-01)', 'collectee' FROM unnest(ARRAY['export', 'gkg']) AS f;
SELECT datasens_backfill('monde', '2020-02-01', '2020-03-01') AS historique \gset
SELECT is((SELECT statut FROM historique WHERE id_historique = :historique), 'termine', 'one with nothing to do has ended');
SELECT datasens_backfill('monde', '-infinity', 'infinity') AS historique \gset
SELECT results_eq(format('SELECT flux, periode FROM tranche WHERE id_historique = %s ORDER BY flux', :historique), $$VALUES
	('export', '[2015-02-18 22:45,2020-01-01 00:00)'::tstzrange), ('gkg', '[2015-02-18 22:45,2020-01-01 00:00)')$$,
	'all of the past: from the first slice on, up to what comes with time');
DELETE FROM tranche;
SELECT datasens_backfill('monde', '2020-02-01', 'infinity') AS historique \gset
SELECT ok((SELECT bool_and(upper(periode) BETWEEN now() AND now() + interval '15 minutes') FROM tranche), 'or up to now');
SELECT throws_ok('SELECT datasens_backfill(''rien'', ''2020-01-01'')', '42704', 'source "rien" does not exist', 'no such source');
SELECT throws_ok('SELECT datasens_backfill(''fil'', ''2020-01-01'')', '42809',
	'source "fil" has no past that could be collected', 'a source without slices');
SELECT throws_ok('SELECT datasens_backfill(''monde'', ''2020-01-02'', ''2020-01-01'')', '22023',
	'the period ends before it begins', 'a period that ends before it begins');
SELECT throws_ok('SELECT datasens_backfill(''monde'', ''2010-01-01'', ''2010-02-01'')', '22023',
	'no slice begins in the period', 'one before there was anything');
SELECT throws_ok('SELECT datasens_backfill(''monde'', ''2020-01-01 00:01'', ''2020-01-01 00:14'')', '22023',
	'no slice begins in the period', 'one between two slices');
SELECT throws_ok($$INSERT INTO tranche (id_source, flux, periode, statut)
	SELECT id_source, flux, periode, 'absente' FROM tranche LIMIT 1$$, '23505', NULL, 'a slice has one status');
SELECT throws_ok($$INSERT INTO tranche (id_source, flux, periode, statut) VALUES (1, 'x', '[2020-01-01,)', 'absente')$$,
	'23514', NULL, 'and an end');

SELECT * FROM finish();
ROLLBACK;
