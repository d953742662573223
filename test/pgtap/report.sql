-- The report in its four forms: figures, and that nothing of a source is anything but text.
BEGIN;
SELECT no_plan();
SET LOCAL datasens.report_language = 'en';

-- with nothing in it
SELECT matches(datasens_report(), 'active sources: 0 of 0', 'a report of nothing');
SELECT matches(datasens_report('html'), 'Nothing new\.', 'as html');
SELECT is((SELECT (datasens_report('json')::jsonb -> 'resume' ->> 'documents')::int), 0, 'as JSON');
SELECT lives_ok($$SELECT datasens_report('markdown')$$, 'as markdown');
SELECT throws_matching($$SELECT datasens_report('pdf')$$, 'unknown format "pdf"', 'there is no other form');
SELECT throws_ok($$SELECT datasens_report('text', '-infinity')$$, '22023', NULL, 'nor an endless time');

-- names, errors, reasons and notes that would like to be more than text
CREATE TEMP TABLE mechant AS SELECT E'<svg/onload=x()><script>alert("1")</script>|\n`x` [a](http://b) \\ ''&amp; #\u001b[31m\u009b2J\u202e\u2066\u2028\u0007'::text AS m;
SELECT datasens_add_source('rss', 'a', 'http://a.test/') AS a \gset
UPDATE datasens.source SET nom = m FROM mechant WHERE id_source = :a;
SELECT datasens_add_source('rss', 'calme', 'http://c.test/') AS c \gset
INSERT INTO datasens.flux (id_source, statut, date_collecte, nb_lus, nb_inseres, nb_doublons, octets, duree)
SELECT :a, 'succes', now() - interval '1 hour', 12, 12, 0, 1500, interval '1.5 s'
UNION ALL SELECT :c, 'succes', now() - interval '2 days', 1334, 1234, 100, 2500000, interval '0.5 s'
UNION ALL SELECT :c, 'echec', now() - interval '2 days', 0, 0, 0, 0, interval '0.1 s'
UNION ALL SELECT :c, 'succes', now() - interval '20 days', 5, 5, 0, 0, NULL;
UPDATE datasens.etat_source SET derniere_erreur = m, echecs_consecutifs = 1, total_docs = 12 FROM mechant WHERE id_source = :a;
UPDATE datasens.etat_source SET total_docs = 1239, dernier_succes = now() WHERE id_source = :c;
INSERT INTO datasens.rejet (id_flux, motif) SELECT 1, m FROM mechant;
INSERT INTO datasens.alerte (objet, nom, etat, message) SELECT 'source', m, 'echec', m FROM mechant;
INSERT INTO datasens.sauvegarde (date_debut, duree, declencheur, statut, erreur) SELECT now(), '1s', 'manuel', 'echec', m FROM mechant;

CREATE TEMP TABLE r AS SELECT f, datasens_report(f) AS t FROM unnest(ARRAY['text', 'markdown', 'json', 'html']) AS f;
SELECT ok(t !~ '<script|<svg/|[^\\](&amp;|&) #' AND t ~ '&lt;script&gt;alert\(&quot;1&quot;\)&lt;/script&gt;\| `x`' AND t ~ '&#39;&amp;amp; #',
	'html: escaped') FROM r WHERE f = 'html';
SELECT ok(t !~* '(src=|href=|url\(|@import|<link|<iframe|\son[a-z]+=)', 'html: nothing from elsewhere') FROM r WHERE f = 'html';
SELECT is((SELECT count(*) FROM regexp_matches(t, '<(table|tr|td|th|ul|li|svg|g|div|main|body)[ >]', 'g')),
	(SELECT count(*) FROM regexp_matches(t, '</(table|tr|td|th|ul|li|svg|g|div|main|body)>', 'g')), 'html: every element is closed')
FROM r WHERE f = 'html';
SELECT ok(t !~ '[^\\][<>`\[]', 'markdown: escaped') FROM r WHERE f = 'markdown';
SELECT is_empty($$SELECT l FROM r, regexp_split_to_table(t, E'\n') AS l WHERE f = 'markdown' AND l LIKE '|%' AND l !~ '\|$'$$,
	'markdown: a row stays a row');
SELECT is(t::jsonb -> 'sources' -> 1 ->> 'nom', m, 'json: as it is') FROM r, mechant WHERE f = 'json';
SELECT is_empty($$SELECT f, l FROM r, regexp_split_to_table(t, E'\n') AS l
	WHERE f <> 'json' AND l ~ '[\u0001-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]'$$,
	'no character that a terminal obeys, none that ends a line or turns the direction of writing');
SELECT is((SELECT count(*) FROM regexp_matches(t, 'alert\(', 'g')), n, f || ': it is there, wherever it belongs')
FROM r JOIN (VALUES ('html', 10::bigint), ('markdown', 8), ('text', 8), ('json', 8)) AS v (w, n) ON w = f;

-- figures
SELECT is(t::jsonb #> '{sources,0}' ->> 'nouveaux', '1234', 'what is new since then')
FROM r WHERE f = 'json';
SELECT results_eq($$SELECT (j ->> 'flux')::int, (j ->> 'documents')::int, (j ->> 'doublons')::int, (j ->> 'echecs')::int
	FROM r, jsonb_array_elements(t::jsonb -> 'jours') AS j WHERE f = 'json' ORDER BY j ->> 'jour'$$,
	'VALUES (2, 1234, 100, 1), (1, 12, 0, 0)', 'day by day');
SELECT matches(t, 'calme +rss +ok +1,239 +1,234', 'numbers for people') FROM r WHERE f = 'text';
SELECT matches(t, '2\.5 MB', 'sizes, too') FROM r WHERE f = 'text';
SELECT is((SELECT count(*) FROM regexp_matches(t, '<rect class="s[01]" x', 'g')), 2::bigint, 'a piece of a bar a day and source')
FROM r WHERE f = 'html';
SELECT is((SELECT string_agg((j ->> 'nom' = m)::text || ':' || (j ->> 'derniere_erreur' = m), ',') FROM jsonb_array_elements(t::jsonb -> 'attention') AS j),
	'true:true', 'what needs a look, with its error') FROM r, mechant WHERE f = 'json';
SELECT matches(t, 'source or task needs a look', 'is said first') FROM r WHERE f = 'html';
SELECT is(t::jsonb #> '{sources,0,par_jour}', '[0, 0, 0, 0, 0, 1234, 0, 0]', 'each source day by day') FROM r WHERE f = 'json';
SELECT is(t::jsonb #>> '{ecartes,0,doublons}', '100', 'duplicates by source') FROM r WHERE f = 'json';
SELECT matches(datasens_report('json', now() - interval '30 days'), '"nouveaux": 1239', 'further back');

-- the ledger of the last day, a letter a slice
SELECT datasens_add_source('gdelt', 'Monde') AS g \gset
CREATE TEMP TABLE jour AS SELECT date_bin('15 minutes', now(), '2000-01-01+00') - interval '1 day' AS debut;
INSERT INTO datasens.tranche (id_source, flux, periode, statut)
SELECT :g, 'gkg', tstzrange(debut + a * interval '15 minutes', debut + b * interval '15 minutes'), s
FROM jour, (VALUES (-4, 90, 'collectee'), (90, 91, 'absente'), (91, 93, 'echec'), (93, 95, 'attendue')) AS v (a, b, s)
UNION ALL SELECT :g, 'export', tstzrange(debut - interval '9 days', debut), 'collectee' FROM jour;
CREATE TEMP TABLE cases AS SELECT f, datasens_report(f) AS t FROM unnest(ARRAY['text', 'json', 'html']) AS f;
SELECT is(t::jsonb #- '{tranches,0,debut}' -> 'tranches', jsonb_build_array(jsonb_build_object('nom', 'Monde', 'flux', 'gkg', 'collectees', 90, 'attendues', 2,
	'absentes', 1, 'echecs', 2, 'quarts_d_heure', repeat('#', 90) || '-!!.. ')), 'the ledger: the last day''s 96 slices of a stream that has some') FROM cases WHERE f = 'json';
SELECT matches(t, '  ' || repeat('#', 90) || '-!!\.\.\n', 'as a strip of letters') FROM cases WHERE f = 'text';
SELECT is((SELECT array_agg((SELECT count(*) FROM regexp_matches(m[2], 'M', 'g')) ORDER BY m[1])
	FROM regexp_matches(t, '<path class="(c\d)" d="([^"]*)"', 'g') AS m), '{90,2,1,2,1}', 'drawn') FROM cases WHERE f = 'html';

-- the weather, and what it has grown to
INSERT INTO datasens.meteo (id_flux, ville, pays, lat, lon, date_obs, temperature, ressenti, humidite, vent_kmh, description)
SELECT (SELECT max(id_flux) FROM datasens.flux WHERE date_collecte > now() - interval '3 days'), 'Paris', 'FR', 48.85, 2.35,
	now() - i * interval '6 hours', 10 - i, 9 - i, 60, 12, 'ciel dégagé' FROM generate_series(0, 15) AS i
UNION ALL SELECT (SELECT max(id_flux) FROM datasens.flux), NULL, NULL, i, i, now() - interval '1 hour', i, NULL, NULL, NULL, NULL FROM generate_series(1, 20) AS i;
INSERT INTO datasens.volumetrie SELECT (now() AT TIME ZONE 'UTC')::date - i, 5000000 - i * 1000000, 1000 FROM generate_series(0, 3) AS i;
CREATE TEMP TABLE temps AS SELECT f, datasens_report(f) AS t FROM unnest(ARRAY['text', 'json', 'html']) AS f;
SELECT is((t::jsonb #> '{meteo,0}') - 'temperatures' - 'ressentis' - 'humidites' - 'vents' - 'date_obs', '{"lieu": "Paris, FR", "temperature": 10.0,
	"minimum": -5.0, "maximum": 10.0, "humidite": 60.0, "vent_kmh": 12.0, "description": "ciel dégagé"}', 'a place: the newest reading, the lowest and the highest')
FROM temps WHERE f = 'json';
SELECT is((SELECT array_agg(v ORDER BY i) FROM jsonb_array_elements_text(t::jsonb #> '{meteo,0,temperatures}') WITH ORDINALITY AS x (v, i) WHERE v IS NOT NULL),
	(SELECT array_agg((10.0 - i)::text ORDER BY i DESC) FROM generate_series(1, 15) AS i), 'and how it went') FROM temps WHERE f = 'json';
SELECT is(jsonb_array_length(t::jsonb #> '{meteo,0,temperatures}'), 84, 'over the whole time') FROM temps WHERE f = 'json';
SELECT is((SELECT count(*) FROM regexp_matches(t, '<div class="place">', 'g')), 12::bigint, 'twelve places are drawn') FROM temps WHERE f = 'html';
SELECT matches(t, '9 more places.*>20\.0<', 'the others are in a table') FROM temps WHERE f = 'html';
SELECT matches(t, 'Paris, FR +10\.0 +-5\.0 +10\.0', 'in text, too') FROM temps WHERE f = 'text';
SELECT is((SELECT array_agg(j ->> 'octets') FROM jsonb_array_elements(t::jsonb -> 'croissance') AS j), '{2000000,3000000,4000000,5000000}', 'the growth') FROM temps WHERE f = 'json';
SELECT matches(t, '<h2>Growth</h2>.*2\.0 MB.*5\.0 MB', 'drawn') FROM temps WHERE f = 'html';

-- more sources than the chart has colours, more days than bars
SELECT datasens_add_source('rss', 's' || i, 'http://s.test/') FROM generate_series(1, 20) AS i \g /dev/null
INSERT INTO datasens.flux (id_source, statut, date_collecte, nb_lus, nb_inseres)
SELECT id_source, 'succes', now() - d * interval '1 day', 100, 100 FROM datasens.source, generate_series(0, 299) AS d WHERE nom LIKE 's%';
CREATE TEMP TABLE grand AS SELECT datasens_report('html', now() - interval '300 days') AS t;
SELECT is((SELECT count(*) FROM regexp_matches(t, '<li><svg viewBox="0 0 10 10"><rect class="s\d" width', 'g')), 7::bigint, 'six sources and the others') FROM grand;
SELECT matches(t, '<bdi>others</bdi><span>', 'by that name') FROM grand;
SELECT cmp_ok((SELECT count(*) FROM regexp_matches(t, '<g>', 'g')), '<=', 92::bigint, 'days go together in bars') FROM grand;
SELECT is((SELECT sum(replace(m[1], ',', '')::bigint) FROM regexp_matches(t, '<title>\d+ [A-Z][a-z]+ \d{4}: ([\d,]+)\n', 'g') AS m), (SELECT sum(nb_inseres) FROM datasens.flux),
	'which have all documents') FROM grand;
SELECT is((SELECT count(*) FROM regexp_matches(t, '<i class="(ok|warn|bad|dim)" title="', 'g')), 23::bigint, 'a tile each') FROM grand;
INSERT INTO datasens.source (nom, type_source) SELECT repeat('n', 300) || i, 'rss' FROM generate_series(1, 3000) AS i;
SELECT cmp_ok(length(datasens_report('html')), '<', 1500000, 'thousands of sources with long names have an end');
SELECT is(jsonb_array_length(datasens_report('json')::jsonb -> 'sources'), 3023, 'but in JSON');
SET LOCAL datasens.report_language = 'fr';
CREATE TEMP TABLE francais AS SELECT f, datasens_report(f) AS t FROM unnest(ARRAY['text', 'html']) AS f;
SELECT matches(t, '<html lang="fr">.*>Dernière erreur<', 'in French') FROM francais WHERE f = 'html';
SELECT matches(t, 'calme +rss +ok +1 239 +1 234', 'with French numbers') FROM francais WHERE f = 'text';
SELECT matches(t, ' 2,5 Mo', 'sizes') FROM francais WHERE f = 'text';
SELECT matches(t, '<span class="bad">échec</span>', 'and states') FROM francais WHERE f = 'html';
SELECT matches(t, '<b>10,0&nbsp;&deg;C</b>', 'decimals') FROM francais WHERE f = 'html';
SELECT ok(t ~ '<span class="warn">[\d ]+</span> en retard, obsolètes ou jamais collectées' AND t ~ '<span class="ok">1</span> va bien</li>', 'plurals where they are due') FROM francais WHERE f = 'html';

SELECT throws_ok(format('SELECT datasens_report(%L, clock_timestamp() + %L)', forme, avance), '22023', 'since is in the future',
	'no ' || forme || ' of what begins in ' || avance)
FROM unnest(ARRAY['text', 'html', 'json', 'markdown']) AS forme, unnest(ARRAY['1 minute', '1 day', '10 years']) AS avance;

SELECT * FROM finish();
ROLLBACK;
