-- Sources: what is refused and how it is said, what altering changes, what dropping takes.
BEGIN;
SELECT no_plan();

-- The SQLSTATE, and the hint, of the error that a command ends with.
CREATE FUNCTION pg_temp.error_of(command text, OUT state text, OUT message text, OUT hint text)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE command;
	state := '00000';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
		hint = PG_EXCEPTION_HINT;
END $$;

CREATE FUNCTION pg_temp.refuses(command text, state text, message text, hint text)
RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	e record;
BEGIN
	e := pg_temp.error_of(command);
	RETURN NEXT is(e.state, state,
		regexp_replace(command || ': ' || coalesce(e.message, 'no error'), '\s+', ' ', 'g'));
	RETURN NEXT matches(coalesce(e.message, ''), message, '... names what is wrong');
	RETURN NEXT matches(coalesce(e.hint, ''), hint, '... and hints at what is right');
END $$;

CREATE FUNCTION pg_temp.source_of(nom text) RETURNS text LANGUAGE sql AS
'SELECT concat_ws(''|'', coalesce(url, ''-''), coalesce(planification, ''-''),
	coalesce(fuseau, ''-''), actif, options) FROM datasens.source s WHERE s.nom = $1';

-- adding
SELECT ok(datasens_add_source('rss', 'un', 'http://un.test/feed') > 0, 'a source is added');
SELECT is(pg_temp.source_of('un'), 'http://un.test/feed|-|-|t|{}', 'as it was named');
SELECT ok(datasens_add_source('rss', 'deux', planification => '@daily', fuseau => 'Europe/Paris',
	options => '{"flux": ["http://a.test/", "https://b.test/x?y=z"]}') > 0, 'with several feeds');
SELECT ok(datasens_add_source('rss', 'trois', 'http://trois.test/', '', NULL, '') > 0,
	'empty strings and nulls are nothing');
SELECT is(pg_temp.source_of('trois'), 'http://trois.test/|-|-|t|{}', 'as if they had not been given');
SELECT is((SELECT count(*) FROM datasens.etat_source e JOIN datasens.source s USING (id_source)
	WHERE s.nom IN ('un', 'deux', 'trois') AND e.prochaine_collecte > now()), 3::bigint,
	'each has its due time at once');

SELECT pg_temp.refuses($$SELECT datasens_add_source('gdelt9', 'x', 'http://x.test/')$$,
	'22023', 'gdelt9', 'rss');
SELECT pg_temp.refuses($$SELECT datasens_add_source(NULL, 'x', 'http://x.test/')$$,
	'22004', 'type_source', 'rss');
SELECT pg_temp.refuses($$SELECT datasens_add_source('rss', NULL, 'http://x.test/')$$,
	'22004', 'nom', '');
SELECT pg_temp.refuses($$SELECT datasens_add_source('rss', '', 'http://x.test/')$$, '22023', 'name', '');
SELECT pg_temp.refuses($$SELECT datasens_add_source('rss', 'un', 'http://x.test/')$$,
	'42710', '"un"', 'datasens_alter_source');
SELECT pg_temp.refuses(format('SELECT datasens_add_source(''rss'', %L, ''http://x.test/'')', n),
	'42939', n, '') FROM unnest(ARRAY['all', 'rss']) AS n;
SELECT pg_temp.refuses(format('SELECT datasens_add_source(''rss'', ''x'', %L)', u),
	'22023', 'URL', 'http://')
FROM unnest(ARRAY['x', 'ftp://x.test/', 'file:///etc/passwd', 'http://', 'http:///x', 'javascript:1',
	E'http://x.test/\r\nX: y']) AS u;
SELECT pg_temp.refuses($$SELECT datasens_add_source('rss', 'x')$$, '22023', '"x"', 'flux');
SELECT pg_temp.refuses(
	$$SELECT datasens_add_source('rss', 'x', 'http://x.test/', options => '{"flux": ["http://y.test/"]}')$$,
	'22023', '"x"', 'flux');
SELECT pg_temp.refuses(
	$$SELECT datasens_add_source('rss', 'x', 'http://x.test/', options => '{"flots": 1}')$$,
	'22023', 'flots', 'flux, categories');
SELECT pg_temp.refuses(format('SELECT datasens_add_source(''rss'', ''x'', options => %L)', o),
	'22023', 'flux', '') FROM unnest(ARRAY['{"flux": []}', '{"flux": "http://x.test/"}', '{"flux": [1]}',
	'{"flux": [""]}', '{"flux": null}', '{"flux": {}}']) AS o;
SELECT pg_temp.refuses(
	$$SELECT datasens_add_source('rss', 'x', options => '{"flux": ["http://x.test/", "nul"]}')$$,
	'22023', 'nul', 'http://');
SELECT pg_temp.refuses(format('SELECT datasens_add_source(''rss'', ''x'', ''http://x.test/'', options => %L)', o),
	'22023', 'object', '\{') FROM unnest(ARRAY['[]', '1', 'null']) AS o;
SELECT pg_temp.refuses(format('SELECT datasens_add_source(''rss'', ''x'', ''http://x.test/'', %L)', p),
	'22023', 'schedule', '@hourly')
FROM unnest(ARRAY['61 * * * *', 'demain', '* * * *', '0 seconds', '@reboot', ' ']) AS p;
SELECT pg_temp.refuses(
	$$SELECT datasens_add_source('rss', 'x', 'http://x.test/', fuseau => 'Europe/Lutece')$$,
	'22023', 'Europe/Lutece', 'pg_timezone_names');
SELECT is((SELECT count(*) FROM datasens.source), 3::bigint, 'what is refused leaves nothing');

-- unknown ones
SELECT pg_temp.refuses(format('SELECT %s', f), '42704', 'inconnue', 'datasens_health')
FROM unnest(ARRAY['datasens_alter_source(''inconnue'')', 'datasens_enable_source(''inconnue'', false)',
	'datasens_drop_source(''inconnue'')', 'datasens_collect(''inconnue'')',
	'datasens_collect_async(''inconnue'')']) AS f;
SELECT pg_temp.refuses('SELECT datasens_alter_source(NULL, ''http://x.test/'')', '22004', 'nom', '');
SELECT lives_ok('SELECT datasens_enable_source(NULL)', 'a null name enables nothing');
SELECT lives_ok('SELECT datasens_drop_source(NULL)', 'and drops nothing');

-- what every kind takes
CREATE TEMP TABLE genres (type_source text, url text, options jsonb);
INSERT INTO genres VALUES ('rss', 'http://n.test/', '{}'), ('owm', NULL, '{"villes": ["Paris,FR"]}'),
	('scraping', 'http://n.test/', '{}'), ('gdelt', NULL, '{}'), ('kaggle', 'a/b', '{}'),
	('json', 'http://n.test/', '{}');
SELECT is((SELECT hint FROM pg_temp.error_of($$SELECT datasens_add_source('inconnu', 'x')$$)),
	'Valid types are: ' || (SELECT string_agg(type_source, ', ' ORDER BY array_position(ARRAY['rss', 'gdelt', 'owm', 'json', 'kaggle', 'scraping'], type_source)) FROM genres) || '.', 'these are all kinds');
SAVEPOINT avant;
SELECT lives_ok(format('SELECT datasens_add_source(%L, %L, %L, options => %L)', type_source, 'dit ' || type_source,
	url, options || '{"notifier": true}'), type_source || ' tells of its documents') FROM genres;
SELECT pg_temp.refuses(format('SELECT datasens_add_source(%L, %L, %L, options => %L)', type_source, 'mal dit ' || type_source,
	url, options || '{"notifier": 1}'), '22023', 'option "notifier" is neither true nor false', '') FROM genres;
ROLLBACK TO avant;

-- altering: null leaves, an empty string takes away
SELECT lives_ok($$SELECT datasens_alter_source('un', 'https://autre.test/')$$, 'an address is changed');
SELECT is(pg_temp.source_of('un'), 'https://autre.test/|-|-|t|{}', 'and nothing else');
SELECT lives_ok($$SELECT datasens_alter_source('un', planification => '*/5 * * * *', fuseau => 'Asia/Tokyo')$$,
	'a schedule is given');
SELECT is(pg_temp.source_of('un'), 'https://autre.test/|*/5 * * * *|Asia/Tokyo|t|{}', 'and stored');
SELECT is((SELECT planification_appliquee FROM datasens.etat_source JOIN datasens.source USING (id_source)
	WHERE nom = 'un'), '*/5 * * * * Asia/Tokyo', 'and applied at once');
SELECT lives_ok($$SELECT datasens_alter_source('un', planification => '', fuseau => '')$$, 'and taken away');
SELECT is(pg_temp.source_of('un'), 'https://autre.test/|-|-|t|{}', 'so that the setting is in force');
SELECT is((SELECT planification_appliquee FROM datasens.etat_source JOIN datasens.source USING (id_source)
	WHERE nom = 'un'), current_setting('datasens.rss_schedule') || ' ' || current_setting('datasens.timezone'),
	'at once');
SELECT lives_ok($$SELECT datasens_alter_source('un', '', options => '{"flux": ["http://c.test/"]}')$$,
	'an address becomes a list');
SELECT is(pg_temp.source_of('un'), '-|-|-|t|{"flux": ["http://c.test/"]}', 'of feeds');
SELECT pg_temp.refuses($$SELECT datasens_alter_source('un', options => '{}')$$, '22023', '"un"', 'flux');
SELECT pg_temp.refuses($$SELECT datasens_alter_source('un', planification => 'x')$$, '22023', 'schedule', '');
SELECT is(pg_temp.source_of('un'), '-|-|-|t|{"flux": ["http://c.test/"]}', 'what is refused changes nothing');
SELECT lives_ok($$SELECT datasens_alter_source('un', nouveau_nom => 'premiere')$$, 'renamed');
SELECT is(pg_temp.source_of('premiere'), '-|-|-|t|{"flux": ["http://c.test/"]}', 'it is the same');
SELECT pg_temp.refuses($$SELECT datasens_alter_source('premiere', nouveau_nom => 'deux')$$, '23505', 'source_nom_key', '');
SELECT pg_temp.refuses($$SELECT datasens_alter_source('premiere', nouveau_nom => 'all')$$, '42939', 'all', '');
SELECT pg_temp.refuses($$SELECT datasens_alter_source('premiere', nouveau_nom => '')$$, '22023', 'name', '');

-- a new address is asked without the old one's validators, and not for the rest of an old run
INSERT INTO datasens.cache_http (id_source, url, etag)
SELECT id_source, 'http://trois.test/', '"x"' FROM datasens.source WHERE nom = 'trois';
UPDATE datasens.etat_source SET curseur = '{"reste": ["http://trois.test/"]}'
WHERE id_source = (SELECT id_source FROM datasens.source WHERE nom = 'trois');
SELECT datasens_alter_source('trois', planification => '@weekly') IS NOT NULL AS x \gset
SELECT is((SELECT count(*) FROM datasens.cache_http), 1::bigint, 'another schedule forgets nothing');
SELECT datasens_alter_source('trois', 'http://ailleurs.test/') IS NOT NULL AS x \gset
SELECT is((SELECT count(*) FROM datasens.cache_http), 0::bigint, 'another address forgets the validators');
SELECT is((SELECT curseur FROM datasens.etat_source JOIN datasens.source USING (id_source)
	WHERE nom = 'trois'), NULL, 'and the rest of a partial run');

-- off and on
SELECT datasens_enable_source('trois', false) IS NOT NULL AS x \gset
SELECT is((SELECT statut FROM datasens_health() WHERE nom = 'trois'), 'inactif', 'switched off');
SELECT is((SELECT count(*) FROM datasens_schedule(3) WHERE nom = 'trois' AND prochaine_collecte IS NOT NULL),
	0::bigint, 'it has no next time');
SELECT datasens_enable_source('trois') IS NOT NULL AS x \gset
SELECT is((SELECT statut FROM datasens_health() WHERE nom = 'trois'), 'jamais', 'switched on');
SELECT is((SELECT array_agg(action ORDER BY id_journal) FROM datasens.journal WHERE details = 'trois'
	AND action LIKE '%ACTIVEE'), ARRAY['SOURCE_DESACTIVEE', 'SOURCE_ACTIVEE'], 'the journal has both');
SELECT datasens_enable_source('trois') IS NOT NULL AS x \gset
SELECT is((SELECT count(*) FROM datasens.journal WHERE action = 'SOURCE_ACTIVEE'), 1::bigint,
	'but not what changes nothing');

-- dropping
SELECT lives_ok($$SELECT datasens_drop_source('deux')$$, 'a source without documents is dropped');
WITH f AS (INSERT INTO datasens.flux (id_source, statut, nb_lus, nb_inseres)
	SELECT id_source, 'succes', 2, 2 FROM datasens.source WHERE nom = 'trois' RETURNING id_flux),
d AS (INSERT INTO datasens.document (id_flux, titre, hash_fingerprint)
	SELECT id_flux, i::text, datasens_hash(i::text, NULL) FROM f, generate_series(1, 2) AS i),
r AS (INSERT INTO datasens.rejet (id_flux, motif) SELECT id_flux, 'x' FROM f)
UPDATE datasens.etat_source SET total_docs = 2, dernier_succes = now()
WHERE id_source = (SELECT id_source FROM datasens.source WHERE nom = 'trois');
SELECT pg_temp.refuses($$SELECT datasens_drop_source('trois')$$, '2BP01', '"trois"', 'true');
SELECT pg_temp.refuses($$DELETE FROM datasens.source WHERE nom = 'trois'$$, '23503', '"trois"',
	'datasens_drop_source');
SELECT pg_temp.refuses($$DELETE FROM datasens.flux$$, '23503', 'flux', 'datasens_drop_source');
SELECT lives_ok($$SELECT datasens_drop_source('trois', true)$$, 'with its documents, where that is said');
SELECT is((SELECT count(*) FROM datasens.document) + (SELECT count(*) FROM datasens.flux)
	+ (SELECT count(*) FROM datasens.rejet) + (SELECT count(*) FROM datasens.source WHERE nom = 'trois'),
	0::bigint, 'all of it is gone');
SELECT is((SELECT count(*) FROM datasens.etat_source e WHERE NOT EXISTS
	(SELECT FROM datasens.source s WHERE s.id_source = e.id_source)), 0::bigint, 'its state, too');
SELECT is((SELECT details FROM datasens.journal WHERE action = 'SOURCE_SUPPRIMEE' ORDER BY id_journal DESC LIMIT 1),
	'trois (2 documents)', 'the journal tells');

-- asking for sources
SELECT is(datasens_collect_async('premiere'), 1::bigint, 'one is asked for');
SELECT is((SELECT declencheur FROM datasens.etat_source JOIN datasens.source USING (id_source)
	WHERE nom = 'premiere'), 'manuel', 'and due by hand');
SELECT is(datasens_collect_async(), 1::bigint, 'all are');
SELECT is(datasens_collect_async('rss'), 1::bigint, 'those of a type are');
SELECT datasens_enable_source('premiere', false) IS NOT NULL AS x \gset
SELECT is(datasens_collect_async(), 0::bigint, 'but not one that is off');

-- sources to begin with
SELECT results_eq('SELECT * FROM datasens_add_default_sources()',
	$$VALUES ('Presse', 'rss', 'ajoutee'), ('GDELT France', 'gdelt', 'ajoutee'), ('OpenWeatherMap', 'owm', 'ajoutee'),
		('Vie publique', 'scraping', 'ajoutee'), ('Avis', 'kaggle', 'ajoutee')$$, 'five sources to begin with');
SELECT is((SELECT count(*) FROM datasens.etat_source JOIN datasens.source USING (id_source)
	WHERE nom IN ('Presse', 'GDELT France', 'OpenWeatherMap', 'Vie publique', 'Avis') AND actif AND prochaine_collecte < 'infinity'),
	5::bigint, 'that are planned');
SELECT is((SELECT array_agg(DISTINCT statut) FROM datasens_add_default_sources('france')), ARRAY['existante'], 'and added once');
SELECT pg_temp.refuses($$SELECT * FROM datasens_add_default_sources('mars')$$, '22023', '"mars"', 'france');
SELECT pg_temp.refuses($$SELECT * FROM datasens_add_default_sources(NULL)$$, '22023', 'preset', 'france');

SELECT * FROM finish();
ROLLBACK;
