-- The journal, the schedule, and what health makes of a source's state.
BEGIN;
SELECT no_plan();

-- the journal
DELETE FROM datasens.journal;
SELECT is(datasens_version_log(), '', 'an empty journal');
SELECT datasens_log('COLLECTE_JOURNALIERE_INIT', 'début'), datasens_log('SANS_DETAIL'),
	datasens_log('X9', E'deux\r\nlignes | et `code`') \gset x
SELECT is(datasens_version_log(), string_agg(format('- **%s UTC** | `%s` | %s',
		to_char(horodatage AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), action,
		regexp_replace(coalesce(details, ''), '[\r\n]+', ' ')), E'\n' ORDER BY id_journal),
	'the journal as markdown, a line a happening') FROM datasens.journal;
SET LOCAL timezone = 'Asia/Tokyo';
SELECT matches(datasens_version_log(), '^- \*\*' || to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24'),
	'in UTC, whatever the session has');
SELECT throws_ok(format('SELECT datasens_log(%L)', a), '22023', NULL, 'an action is in capitals: ' || translate(quote_nullable(a), E'\n', ' '))
FROM unnest(ARRAY['minuscule', '', '1X', 'A B', 'É', '_X', E'A\nB', NULL]) AS a;
SELECT is((SELECT count(*) FROM datasens.journal), 3::bigint, 'what is refused is not written');

-- the schedule
SELECT datasens_add_source('rss', 'a', 'http://a.test/', '0 6 * * *', fuseau => 'Europe/Paris') AS a,
	datasens_add_source('rss', 'b', 'http://b.test/') AS b,
	datasens_add_source('rss', 'c', 'http://c.test/', '1 hour') AS c \gset
SELECT results_eq('SELECT nom, type_source, planification, fuseau, origine, count(*)
	FROM datasens_schedule(4) WHERE type_source <> ''tache'' GROUP BY 1, 2, 3, 4, 5 ORDER BY 1',
	$$VALUES ('a', 'rss', '0 6 * * *', 'Europe/Paris', 'source', 4::bigint),
		('b', 'rss', current_setting('datasens.rss_schedule'), current_setting('datasens.timezone'),
			'datasens.rss_schedule', 4),
		('c', 'rss', '1 hour', current_setting('datasens.timezone'), 'source', 4)$$,
	'n times of each source, and where they come from');
SELECT results_eq($$SELECT prochaine_collecte FROM datasens_schedule(5) WHERE nom = 'a'$$,
	$$SELECT datasens_cron_next('0 6 * * *', now(), 'Europe/Paris', 5)$$, 'they are what the expression means');
SELECT is((SELECT count(*) FROM datasens_schedule() WHERE type_source <> 'tache'), 3::bigint, 'one each, if not said');
SELECT is((SELECT min(prochaine_collecte) FROM datasens_schedule() WHERE nom = 'b'),
	(SELECT prochaine_collecte FROM datasens.etat_source WHERE id_source = :b), 'the first is the due time');
SELECT throws_ok('SELECT * FROM datasens_schedule(0)', '22023', NULL, 'at least one');
SELECT throws_ok('SELECT * FROM datasens_schedule(10001)', '22023', NULL, 'not too many');
SELECT is((SELECT count(*) FROM datasens_schedule(NULL)), 0::bigint, 'null gives nothing');

-- health, from the state
CREATE FUNCTION pg_temp.health(id int, changes text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('UPDATE datasens.etat_source SET %s WHERE id_source = $1', changes) USING id;
	RETURN (SELECT statut FROM datasens_health() JOIN datasens.source s USING (nom) WHERE s.id_source = id);
END $$;
SELECT is(pg_temp.health(:b, 'total_docs = 0'), 'jamais', 'never collected');
SELECT is(pg_temp.health(:b, 'dernier_succes = now(), derniere_collecte = now()'), 'ok', 'collected');
SELECT is(pg_temp.health(:b, $$prochaine_collecte = now() - interval '10 seconds'$$), 'ok', 'just due');
SELECT is(pg_temp.health(:b, $$prochaine_collecte = now() - interval '2 minutes'$$), 'retard', 'late');
SELECT is(pg_temp.health(:b, $$prochaine_collecte = now() + interval '1 minute', tentative = 1$$), 'ok',
	'while a retry is to come');
SELECT is(pg_temp.health(:b, $$tentative = 0, echecs_consecutifs = 1, derniere_erreur = 'x'$$), 'echec',
	'retries spent');
SELECT is(pg_temp.health(:b, $$echecs_consecutifs = 0, dernier_succes = now() - interval '23 hours'$$), 'ok',
	'less than a day without news');
SELECT is(pg_temp.health(:b, $$dernier_succes = now() - interval '25 hours'$$), 'obsolete', 'more than a day');
SELECT datasens_alter_source('b', planification => '@weekly') IS NULL AS x \gset
SELECT is(pg_temp.health(:b, $$dernier_succes = now() - interval '8 days'$$), 'ok',
	'a weekly source is not obsolete after a week');
SELECT is(pg_temp.health(:b, $$dernier_succes = now() - interval '11 days'$$), 'obsolete',
	'but after one and a half');
SELECT is((SELECT age_dernier_flux FROM datasens_health() WHERE nom = 'b') >= interval '0', true,
	'its age counts from the last run');

-- what an expression means
SELECT results_eq($$SELECT datasens_cron_next('0 12 * * *', '2024-02-28 12:00+00', 'UTC', 2)$$,
	$$VALUES ('2024-02-29 12:00+00'::timestamptz), ('2024-03-01 12:00+00')$$, 'datasens_cron_next()');
SELECT throws_matching($$SELECT datasens_cron_next('0 24 * * *')$$, '0 24', 'a wrong one is named');

-- progress: nobody is at work in this session
SELECT is_empty($$SELECT * FROM datasens_progress WHERE pid = pg_backend_pid()$$, 'no progress where nothing runs');

SELECT * FROM finish();
ROLLBACK;
